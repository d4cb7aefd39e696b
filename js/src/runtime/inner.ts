/** The script of the inner frame. Everything the app may not have stays in here. */
import { installConsole } from "./console";
import { installErrors, tell } from "./errors";
import { define } from "./factory";
import { installLinks } from "./links";
import { installLocation, location, routedWindow } from "./location";
import { look } from "./looks";
import type { Start, ToFrame, ToFrameUpdates } from "./messages";
import { installNestedGuard } from "./nested";
import { connect, post } from "./post";
import { returned, setFunctions, setProps } from "./props";
import { record } from "./recording";
import { install as installRefresh } from "./refresh";
import { installSecurity } from "./security";
import { Session } from "./session";
import { installSize, setFit } from "./size";
import { installStorage } from "./storage";
import { setTheme } from "./theme";

installConsole();
installErrors();
installSecurity();
installNestedGuard();
installStorage();
installLocation((url) => post({ type: "blocked", url, directive: "navigate" }));
installLinks();
installRefresh();
installSize();

function begin(start: Start, control: MessagePort, updates: MessagePort): void {
  let { theme } = start;
  const session = new Session(start, () => theme);
  const { provide, provided } = session.registry;
  const api = { define, provide, provided, location, window: routedWindow() };
  Object.defineProperty(window, "__overskill__", { value: Object.freeze(api) });
  connect(control, updates);
  setProps(start.props);
  setFunctions(start.functions);
  setTheme(theme, session.component);
  setFit(start.fit);
  control.onmessage = ({ data }: MessageEvent<ToFrame>) => {
    switch (data.type) {
      case "props":
        setProps(data.props);
        return session.rerender();
      case "functions":
        setFunctions(data.functions);
        return session.rerender();
      case "theme":
        theme = data.theme;
        return setTheme(theme, session.component);
      case "fit":
        return setFit(data.fit);
      case "editor":
        return session.edit(data.message);
      case "look":
        void look(data.id, data.view, data.code);
        return;
      case "record":
        return record(data.code);
      case "ping":
        return post({ type: "pong" });
      case "returned":
        return returned(data.id, data.value, data.error);
    }
  };
  updates.onmessage = ({ data }: MessageEvent<ToFrameUpdates>) => {
    try {
      session.receive(data);
    } catch (error) {
      tell(error, "internal");
    }
  };
  post({ type: "ready" });
}

addEventListener("message", function first(event: MessageEvent<Start>) {
  const [control, updates] = event.ports;
  if (event.source !== parent || event.data?.type !== "start" || !control || !updates) return;
  removeEventListener("message", first);
  event.stopImmediatePropagation();
  begin(event.data, control, updates);
});
