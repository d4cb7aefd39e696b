// Starts a contender's server and hands sources to it.
import { spawn } from "node:child_process";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A server process, once its output matches `ready` or `url` answers. */
export async function serve(command, args, { cwd, env, ready, url, name, timeout = 120_000 }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
    });
  }
  child.on("exit", () => {
    ended = true;
  });
  const stop = async () => {
    if (ended) return;
    process.kill(-child.pid, "SIGTERM");
    for (let i = 0; i < 60 && !ended; i++) await sleep(50);
    if (!ended) process.kill(-child.pid, "SIGKILL");
  };
  const started = Date.now();
  while (!(ready ? ready.test(output) : await answers(url))) {
    if (ended) throw new Error(`${name} ended:\n${output.slice(-3000)}`);
    if (Date.now() - started > timeout) {
      await stop();
      throw new Error(`${name} is not ready after ${timeout / 1000} s:\n${output.slice(-3000)}`);
    }
    await sleep(50);
  }
  return { pid: child.pid, stop };
}

function answers(url) {
  return new Promise((resolve) => {
    const request = http.get(url, (response) => {
      response.resume();
      resolve(response.statusCode < 400);
    });
    request.on("error", () => resolve(false));
  });
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 2, noDelay: true });

/** POSTs JSON over a connection that is kept: cheaper and steadier than fetch(). */
export function post(url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const data = Buffer.from(JSON.stringify(body));
    const request = http.request(
      url,
      {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": data.length, ...headers },
      },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () =>
          response.statusCode < 300 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`)),
        );
      },
    );
    request.on("error", reject);
    request.end(data);
  });
}
