"""JavaScript and Python that tell, in JupyterLab, when a change passes which place."""

from __future__ import annotations

# Runs in every document before anything else. In the page it also prepares the socket's worker, whose code comes from a
# Blob: each update's arrival there is told on a BroadcastChannel. In the frame it notes the arrival at the port.
PROBE = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const port = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  const arrived = {};
  Object.defineProperty(MessagePort.prototype, "onmessage", {
    ...port,
    set(handler) {
      port.set.call(this, handler && ((event) => {
        if (event.data?.type === "update") Object.assign(arrived, {frame: now(), engine: event.data.sent});
        return handler.call(this, event);
      }));
    },
  });
  if (window === window.top) {
    const prelude = `{
      const told = new BroadcastChannel("overskill benchmark");
      const Real = WebSocket;
      self.WebSocket = class extends Real {
        constructor(...all) {
          super(...all);
          this.addEventListener("message", ({data}) => {
            const at = performance.timeOrigin + performance.now();
            const sent = /"sent":([0-9.]+)/.exec(data);
            if (data.includes('"type":"update"') && sent) told.postMessage({engine: Number(sent[1]), socket: at});
          });
        }
      };
    }`;
    const RealBlob = Blob;
    window.Blob = class extends RealBlob {
      constructor(parts = [], options = {}) {
        const isScript = options.type === "text/javascript";
        const isWorker = isScript && parts.some((part) => String(part).includes("WebSocket"));
        super(isWorker ? [prelude, ...parts] : parts, options);
      }
    };
    new BroadcastChannel("overskill benchmark").onmessage = ({data}) => window.__passed(JSON.stringify(data));
  }
  let last = "";
  new MutationObserver(() => {
    const text = document.getElementById("hmr-marker")?.textContent ?? "";
    if (!text || text === last) return;
    last = text;
    window.__shown(JSON.stringify({text, dom: now(), ...arrived}));
  }).observe(document, {subtree: true, childList: true, characterData: true});
})();
"""

# The first cell of the notebook: opens the app, and times what passes through the kernel.
OPEN = """
import json, time
import overskill_nb as ov
from overskill_nb.session import KernelSession, ServerSession

hops = []
get_ipython().events.register("pre_run_cell", lambda info: hops.append({"kernel": time.time() * 1000}))

def timed(kind):
    plain = kind.call
    def call(self, request, *more, **named):
        asked = time.time() * 1000
        result = plain(self, request, *more, **named)
        if type(request).__name__ == "WriteComponent":
            hops[-1].update(asked=asked, compiled=result.written.ms)
        return result
    kind.call = call

for kind in (KernelSession, ServerSession):
    timed(kind)
app = ov.App("lab")
"""
HOPS = "print(json.dumps([hop for hop in hops if 'asked' in hop]))"

# What a run cell's request is made of: the time at which the front end hands it to its socket.
SENT = """
(() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    if (text.includes("execute_request")) window.__sent = performance.timeOrigin + performance.now();
    return send.call(this, data);
  };
})();
"""
