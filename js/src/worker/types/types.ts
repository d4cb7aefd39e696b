/** Checks the types of candidates, in a process of TypeScript's own that is kept for a while. */
import type { App } from "../app";
import type { Diagnostic } from "../diagnostics";
import { parseSource } from "../repair/sources";
import { Channel } from "./channel";
import { type Found, found, type Raw } from "./found";
import { importersOf } from "./importers";
import { judge } from "./judge";
import { Origins } from "./origins";
import { isSound, judgeProbe, probe, SOUND } from "./probe";
import { compiler } from "./tools";
import { CONFIG, PROBE, ROOT, View } from "./view";

/** The process ends when nothing was checked for so long, in milliseconds: it holds 60 to 100 MB. */
const IDLE = 120_000;
/** It is replaced after so many checks. */
const MOST = 300;
const SCRIPT = /\.[tj]sx?$/;
const NOT_CHECKED = /\.(?:test|spec|stories|d)\.\w+$/;
const MAX_FILES = 12;

export interface TypeCheck {
  diagnostics: Diagnostic[];
  /** Why types were not checked; empty where they were. */
  skipped: string;
  ms: number;
}

interface Snapshot {
  snapshot: number;
  projects: { id: string; configFileName: string }[];
}

interface Session {
  view: View;
  channel: Channel;
  snapshot: Snapshot | null;
  count: number;
}

export class Types {
  private session: Session | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly app: App) {}

  /** Gets ready beside other work: reading the types of the browser and of React takes a quarter of a second. */
  begin(): void {
    this.turn = this.turn.then(async () => {
      try {
        const session = this.open();
        if (typeof session === "string" || session.snapshot) return;
        await this.snapshot(session, new Map(), [], SOUND);
        await this.found(session, PROBE);
      } catch {
        // Told by the check.
      }
    });
  }

  /** Ends the process, as when packages were installed: what was read of them may be something else. */
  end(): void {
    clearTimeout(this.idle);
    this.session?.channel.end("it was ended");
    this.session = null;
  }

  /** One at a time. `overlay` is by path in the app. Never rejects. */
  check(overlay: Map<string, string | null>, module: string, exported: string): Promise<TypeCheck> {
    const now = this.turn.then(async () => {
      const began = performance.now();
      const result = { diagnostics: [] as Diagnostic[], skipped: "", ms: 0 };
      try {
        const session = this.open();
        const found = typeof session === "string" ? session : await this.look(session, overlay, module, exported);
        if (typeof found === "string") result.skipped = found;
        else result.diagnostics = found;
      } catch (error) {
        result.skipped = `TypeScript failed: ${(error as Error).message}`;
      }
      result.ms = performance.now() - began;
      return result;
    });
    this.turn = now;
    return now;
  }

  private open(): Session | string {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), IDLE).unref();
    if (this.session && (this.session.channel.ended || this.session.count >= MOST)) this.end();
    if (this.session) return this.session;
    const executable = compiler();
    if (!executable) return "TypeScript is not installed yet.";
    const view = new View(this.app.project);
    if (!view.react) return "The types of React are not installed.";
    this.session = { view, channel: new Channel(executable, ROOT, view.answers), snapshot: null, count: 0 };
    return this.session;
  }

  private async look(
    session: Session,
    overlay: Map<string, string | null>,
    module: string,
    exported: string,
  ): Promise<Diagnostic[] | string> {
    const changed = [...overlay.keys()].filter(
      (path) => SCRIPT.test(path) && !NOT_CHECKED.test(path) && typeof overlay.get(path) === "string",
    );
    const importers = importersOf(this.app, overlay);
    const files = [...new Set([module, ...changed])].slice(0, MAX_FILES);
    await this.snapshot(session, overlay, [...files, ...importers], probe(module, exported));
    const source = parseSource(module, session.view.text(module) ?? "");
    const probed = await this.found(session, PROBE);
    if (!isSound(probed)) return "The types of React that are installed do not fit together.";
    const used = probed.flatMap((each) => judgeProbe(each, source, exported) ?? []);
    const all = [...used, ...(await this.judged(session, [...files, ...importers]))];
    const touched = new Set(all.flatMap(({ location }) => location?.file ?? []));
    const older = [...touched].filter((path) => this.app.project.files.isFile(path));
    if (!older.length) return all;
    // What was wrong before is not this candidate's.
    await this.snapshot(session, new Map(), older, "export {};");
    const before = new Set((await this.judged(session, older)).map(keyOf));
    return all.filter((each) => !before.has(keyOf(each)));
  }

  private async judged(session: Session, paths: string[]): Promise<Diagnostic[]> {
    const { project } = this.app;
    const { view } = session;
    const origins = new Origins(
      (specifier, importer) => project.resolver.resolve(specifier, importer),
      (path) => view.text(path),
    );
    const scripted = /<script\b(?![^>]*type=["']module)/i.test(project.page.head + project.page.body);
    const out: Diagnostic[] = [];
    for (const path of paths) {
      const source = parseSource(path, view.text(path) ?? "");
      if (!source.parsed) continue;
      const all = await this.found(session, path);
      out.push(...all.flatMap((each) => judge(each, source, origins, scripted) ?? []));
    }
    return out;
  }

  private async found(session: Session, path: string): Promise<Found[]> {
    const { snapshot, projects } = session.snapshot!;
    const raw = await session.channel.ask<Raw[] | null>("getSemanticDiagnostics", {
      snapshot,
      project: projects[0]!.id,
      file: `${ROOT}/${path}`,
    });
    return (raw ?? []).map((each) => found(each, ROOT));
  }

  private async snapshot(
    session: Session,
    overlay: Map<string, string | null>,
    roots: string[],
    text: string,
  ): Promise<void> {
    session.count += 1;
    const before = session.snapshot;
    const fileChanges = session.view.show(overlay, roots, text);
    const { channel } = session;
    session.snapshot = await channel.ask<Snapshot>(
      "updateSnapshot",
      before ? { fileChanges } : { openProjects: [CONFIG] },
    );
    if (before) await channel.ask("release", { snapshot: before.snapshot });
  }
}

function keyOf({ message, location }: Diagnostic): string {
  return `${location?.file}\0${message}`;
}
