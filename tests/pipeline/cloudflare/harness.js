// The dispatch Worker with namespaces whose scripts are service bindings: name "preview/tips" is the binding
// "preview_tips". Open-source workerd has no dispatch namespaces of its own.
import dispatcher from "./worker.js";

function namespace(environment, env) {
  return {
    get(name, _args, options) {
      const service = env[`${environment}_${name.replaceAll("-", "_")}`];
      return {
        async fetch(request) {
          if (!service) throw new Error("Worker not found.");
          if (name === "busy") throw new Error("Worker exceeded CPU time limit.");
          const response = await service.fetch(request);
          if (response.status === 599) throw new Error(await response.text());
          if (options.limits.cpuMs !== 50) throw new Error("no limits were given");
          return response;
        },
      };
    },
  };
}

export default {
  fetch(request, env, context) {
    const { DOMAIN, LIMITS } = env;
    const spaces = {
      PREVIEW: namespace("preview", env),
      STAGING: namespace("staging", env),
      PRODUCTION: namespace("production", env),
    };
    return dispatcher.fetch(request, { DOMAIN, LIMITS, ...spaces }, context);
  },
};
