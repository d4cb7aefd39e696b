// The app's components, as the engine last told them.
import type { GetPalette, PageView, Palette } from "../protocol";
import { isAnswer } from "./editor_tries";
import type { Result } from "./transport";

export class PaletteSource {
  current: Palette | null = null;
  #ask: () => Promise<Result>;
  #changed: (palette: Palette) => void;
  #coming: Promise<void> | null = null;

  constructor(app: string, call: (request: GetPalette) => Promise<Result>, changed: (palette: Palette) => void) {
    this.#ask = () => call({ type: "get_palette", app });
    this.#changed = changed;
  }

  fetch(): Promise<void> {
    const coming = this.#ask().then((palette) => {
      if (palette.type !== "palette") return;
      const known = this.current?.name === palette.name;
      this.current = palette;
      if (!known) this.#changed(palette);
    });
    const over = () => {
      if (this.#coming === coming) this.#coming = null;
    };
    coming.then(over, over);
    this.#coming = coming;
    return coming;
  }

  /** Fetches the one that a view names, where it is another. Rejects where the engine was not reached. */
  async follow({ palette }: PageView): Promise<void> {
    if (this.current && (!palette || palette === this.current.name)) return;
    try {
      await (this.#coming ?? this.fetch());
    } catch (error) {
      // A page is shown also where its palette cannot be had.
      if (!isAnswer(error as Error)) throw error;
    }
  }

  /** What was asked for may never be answered. */
  lost(): void {
    this.#coming = null;
  }
}
