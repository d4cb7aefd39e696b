/** Lets a model look at what is on screen. How is sent along each time: few frames are ever looked at. */
import type { View } from "./messages";
import { post } from "./post";

/** How long what just happened may take to be told, in milliseconds: errors wait for boundaries, lines for more lines. */
const TOLD: Record<View, number> = { text: 0, screenshot: 0, errors: 60, console: 100 };

export async function look(id: string, view: View, code: string): Promise<void> {
  try {
    await new Promise((resolve) => setTimeout(resolve, TOLD[view]));
    const seen = code ? await new Promise<string>((answer) => new Function("view", "answer", code)(view, answer)) : "";
    post({ type: "looked", id, seen });
  } catch (error) {
    post({ type: "looked", id, seen: "", failure: error instanceof Error ? error.message : String(error) });
  }
}
