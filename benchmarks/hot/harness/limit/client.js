// The bare prototype in the page: a registry of modules, Fast Refresh, and a WebSocket that brings code.
(() => {
  const modules = new Map();
  const externals = new Map();

  function define(id, deps, factory) {
    const known = modules.get(id);
    if (!known) {
      modules.set(id, { id, deps, factory, exports: {}, ran: false, importers: new Set() });
      return;
    }
    for (const dep of Object.values(known.deps)) modules.get(dep)?.importers.delete(id);
    Object.assign(known, { factory, deps });
  }

  function load(id, importer) {
    const external = externals.get(id);
    if (external) return external;
    const module = modules.get(id);
    if (!module) throw new Error(`no module ${id}`);
    if (importer) module.importers.add(importer);
    if (!module.ran) {
      module.ran = true;
      run(module);
    }
    return module.exports;
  }

  function run(module) {
    const { id, exports } = module;
    const refresh = window.__refresh;
    for (const name of Object.keys(exports)) delete exports[name];
    const all = (from) => {
      for (const name in from) {
        if (name === "default" || name in exports) continue;
        Object.defineProperty(exports, name, { enumerable: true, configurable: true, get: () => from[name] });
      }
    };
    module.factory(
      (specifier) => load(module.deps[specifier] ?? specifier, id),
      exports,
      all,
      { url: `/${id}`, env: { DEV: true } },
      (specifier) => Promise.reject(new Error(`import(${specifier}) is not in the prototype`)),
      (type, name) => refresh.register(type, `${id} ${name}`),
      refresh.createSignatureFunctionForTransform,
    );
    const names = Object.keys(exports);
    module.boundary = names.length > 0;
    for (const name of names) {
      if (refresh.isLikelyComponentType(exports[name])) refresh.register(exports[name], `${id} export ${name}`);
      else module.boundary = false;
    }
  }

  /** Collects what runs again, up to the Fast Refresh boundaries; false where there is none on the way. */
  function collect(id, found) {
    if (found.has(id)) return true;
    found.add(id);
    const module = modules.get(id);
    if (!module.ran || module.boundary) return true;
    return module.importers.size > 0 && [...module.importers].every((importer) => collect(importer, found));
  }

  function apply(ids) {
    const found = new Set();
    if (!ids.every((id) => collect(id, found))) {
      location.reload();
      return;
    }
    for (const id of found) modules.get(id).ran = false;
    for (const id of found) load(id);
    window.__refresh.performReactRefresh();
  }

  function style(css) {
    const element = document.getElementById("__tw");
    if (typeof css === "string") {
      element.textContent = css;
      return;
    }
    const utilities = [...element.sheet.cssRules].find((rule) => rule.name === "utilities");
    for (const [index, rule] of css.inserted) utilities.insertRule(rule, Math.min(index, utilities.cssRules.length));
  }

  window.__hmr = {
    define,
    start: (id) => load(id),
    external: (id, all) =>
      externals.set(
        id,
        all.default && typeof all.default === "object" ? { ...all.default, default: all.default } : all,
      ),
  };

  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "error") console.error(message.message);
    if (message.type !== "update") return;
    // biome-ignore lint/security/noGlobalEval: the code is the message
    // biome-ignore lint/complexity/noCommaOperator: indirect, so that it runs in the global scope
    for (const code of message.code) (0, eval)(code);
    if (message.css !== undefined) style(message.css);
    apply(message.ids);
  };
})();
