/** Ways out of the sandbox that its policy does not close, and dialogs, which would block the notebook. */
import { line } from "./console";

export function installSecurity(): void {
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport"]) {
    Reflect.deleteProperty(window, name);
    if (name in window) Object.defineProperty(window, name, { value: undefined });
  }
  const say = (call: string, text: unknown, answer: string) =>
    line("warn", `${call}(${JSON.stringify(String(text ?? ""))}): the preview shows no dialogs${answer}`);
  window.alert = (text) => say("alert", text, "");
  window.confirm = (text) => {
    say("confirm", text, "; answered with OK");
    return true;
  };
  window.prompt = (text, value) => {
    say("prompt", text, "; answered with its default");
    return value ?? null;
  };
}
