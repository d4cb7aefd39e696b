/**
 * Takes the network from this process before anything of the app runs in it. Files, processes and threads are refused by
 * Node's permission model, and on Linux the process has no network either where the system allows that; what is done here
 * holds on every system.
 */
import dgram from "node:dgram";
import dns from "node:dns";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import tls from "node:tls";

type Members = Record<string, unknown>;

export function cutNetwork(): void {
  const refuse = () => {
    throw new Error("A component that is being checked has no network");
  };
  const take = (from: object, ...names: string[]) => {
    for (const name of names) {
      Object.defineProperty(from, name, { value: refuse, writable: false, configurable: false, enumerable: true });
    }
  };
  take(net.Socket.prototype, "connect");
  take(net.Server.prototype, "listen");
  take(net, "connect", "createConnection", "createServer");
  take(tls, "connect", "createServer");
  take(dgram.Socket.prototype, "bind", "connect", "send");
  take(dgram, "createSocket");
  take(http, "request", "get", "createServer");
  take(https, "request", "get", "createServer");
  take(http2, "connect", "createServer", "createSecureServer");
  const resolving = Object.keys(dns).filter((name) => /^(?:lookup|resolve|reverse)/.test(name));
  take(dns, ...resolving);
  take(dns.Resolver.prototype, ...resolving.filter((name) => name in dns.Resolver.prototype));
  take(dns.promises, ...resolving.filter((name) => name in dns.promises));
  syncBuiltinESMExports();
  const globals = globalThis as unknown as Members;
  for (const name of ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"]) delete globals[name];
  const own = process as unknown as Members;
  for (const name of ["binding", "_linkedBinding", "dlopen", "kill", "getBuiltinModule", "chdir", "abort"]) {
    Object.defineProperty(own, name, { value: refuse, writable: false, configurable: false });
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
}
