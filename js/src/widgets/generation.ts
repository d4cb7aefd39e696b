// A generation on the page: followed step by step, then what came of it.
import type { Generation } from "../protocol";
import { EngineLink } from "./engine_link";
import { answered, begun, ended, isOver, type Step, stepped } from "./generation_state";
import { type GenerationState, renderGeneration } from "./generation_view";
import type { Act } from "./generation_words";
import { theme } from "./host";
import type { Model } from "./model";
import { place } from "./output";
import { CallFailed } from "./pending";
import type { Mount } from "./preview";
import { Store } from "./store";

/** How long no news may come of what goes on before the engine is asked. */
const QUIET = 3000;
/** How often a clock that runs is drawn. */
const TICK = 100;
/** How often news are drawn where nobody looks. */
const HIDDEN = 500;

/** How long the kernel may take to hear of a stop before another way is named. */
const UNHEARD = 2500;
/** Steps up to which a generation has just begun. */
const JUST_BEGUN = 3;

/** When generations began that were seen to begin, by id: a view may come and go meanwhile. */
const beginnings = new Map<string, number>();

function snapshotOf(model: Model, id: string): Generation | null {
  const found = model.get("snapshot");
  return found && "id" in found && found.id === id ? (found as Generation) : null;
}

export function mountGeneration(options: Mount): void {
  const { model, el, signal } = options;
  const app = model.get("app");
  let id = model.get("generation");
  const store = new Store<GenerationState>({
    ...{ theme: theme(), name: model.get("name"), course: begun(snapshotOf(model, id)), failure: "", gone: false },
    ...{ connection: "connecting", acting: "", now: Date.now(), began: beginnings.get(id) ?? null, open: {} },
  });
  const link = new EngineLink(options);
  let asking = false;
  /** Whether it was asked for here, so that Python does not know of it. */
  let followed = false;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const running = () => !isOver(store.value.course) && !store.value.gone;

  const ask = async (): Promise<void> => {
    if (signal.aborted || asking || !id) return;
    asking = true;
    const asked = id;
    const { course } = store.value;
    const seen = course.gap || course.last < 0 ? -1 : course.last;
    try {
      const result = await link.call({ type: "get_generation", app, generation: asked, seen, seconds: 0 });
      if (result.type === "generation" && asked === id) {
        draw();
        if (result.seen <= JUST_BEGUN && !isOver(result.generation)) began();
        take(answered(store.value.course, result.generation, result.steps, result.seen));
        if (followed) remember(result.generation);
      }
    } catch (error) {
      // Where the engine was not reached it may be later; one that answered does not know it any more.
      if (error instanceof CallFailed && error.kind && asked === id) store.set({ gone: true });
    } finally {
      asking = false;
    }
    watch();
    if (asked !== id || (store.value.course.gap && store.value.course.last >= 0)) watch(HIDDEN);
  };
  const take = (course: GenerationState["course"]) => store.set({ course, gone: false, now: Date.now() });
  /** Asks after a while without news, as long as something is to come. */
  const watch = (after = QUIET) => {
    clearTimeout(quiet);
    const { course, gone } = store.value;
    const complete = isOver(course) && course.known && isOver(course.known);
    if (!signal.aborted && !gone && !complete) quiet = setTimeout(ask, after);
  };

  // --------------------------------------------------------------------------------------------------------- news

  let news: [number, Step][] = [];
  let drawing = 0;
  let later: ReturnType<typeof setTimeout> | undefined;
  const draw = () => {
    cancelAnimationFrame(drawing);
    clearTimeout(later);
    drawing = 0;
    later = undefined;
    if (!news.length) return;
    let { course } = store.value;
    for (const [number, step] of news) course = stepped(course, number, step);
    news = [];
    take(course);
    if (course.gap || (isOver(course) && !isOver(course.known ?? { status: "running" }))) void ask();
    else watch();
  };
  const heard = (number: number, step: Step) => {
    if (number <= JUST_BEGUN) began();
    news.push([number, step]);
    if (document.hidden) later ??= setTimeout(draw, HIDDEN);
    else drawing ||= requestAnimationFrame(draw);
  };
  const began = () => {
    if (!beginnings.has(id)) beginnings.set(id, Date.now());
    store.set({ began: beginnings.get(id) ?? null });
  };

  // ------------------------------------------------------------------------------------------------------- doing

  const act = async (type: Act) => {
    if (store.value.acting) return;
    store.set({ acting: type, failure: "" });
    const unheard = setTimeout(() => {
      if (type !== "cancel_generation" || !running()) return;
      store.set({
        failure: "The stop has not been heard yet. Where the kernel is busy, interrupt it: that stops it, too.",
      });
    }, UNHEARD);
    try {
      const result = await link.call({ type, app, generation: id });
      if (result.type !== "generation") throw new Error("The engine gave another answer.");
      const { generation } = result;
      store.set({ failure: "" });
      if (generation.id !== id) follow(generation);
      else {
        take(ended(store.value.course, generation));
        remember(generation);
      }
    } catch (error) {
      store.set({ failure: (error as Error).message });
    } finally {
      clearTimeout(unheard);
      store.set({ acting: "" });
    }
  };
  /** Another generation takes this one's place. */
  const follow = (generation: Generation) => {
    id = generation.id;
    followed = true;
    news = [];
    link.widget.save("generation", id);
    store.set({ course: begun(generation), failure: "", open: {} });
    began();
    void ask();
  };
  /** What was done here Python does not know of. */
  const remember = (generation: Generation) => {
    if (isOver(generation)) link.widget.save("snapshot", generation);
  };

  const clock = setInterval(() => running() && store.set({ now: Date.now() }), TICK);
  signal.addEventListener("abort", () => {
    clearInterval(clock);
    clearTimeout(quiet);
    clearTimeout(later);
    cancelAnimationFrame(drawing);
  });
  link.widget.on(
    "change:snapshot",
    () => {
      const snapshot = snapshotOf(model, id);
      if (snapshot) take(ended(store.value.course, snapshot));
    },
    signal,
  );
  link.widget.on(
    "change:generation",
    () => {
      const now = model.get("generation");
      if (!now || now === id) return;
      id = now;
      news = [];
      store.set({ course: begun(snapshotOf(model, id)), began: beginnings.get(id) ?? null, failure: "", open: {} });
      void ask();
    },
    signal,
  );
  place(el, signal, store, (element) =>
    renderGeneration(element, store, {
      act,
      open: (part, open) => store.set({ open: { ...store.value.open, [part]: open } }),
    }),
  );
  link.start({
    news(told) {
      if (told.type === "generation_stepped" && told.generation === id) heard(told.number, told.step);
    },
    connection(connection) {
      store.set({ connection });
      void ask();
    },
  });
}
