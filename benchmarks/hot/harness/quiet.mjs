// Waits until the machine is idle enough for a fair sample. Where the system does not tell, it counts as idle.
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

function cpu() {
  const fields = fs.readFileSync("/proc/stat", "utf8").split("\n")[0].trim().split(/\s+/).slice(1).map(Number);
  return { idle: fields[3] + fields[4], total: fields.slice(0, 8).reduce((sum, field) => sum + field, 0) };
}

/** True once a share `minIdle` of the CPU was idle for `windowMs`; false after `maxWaitMs`. */
export async function quiet({ minIdle = 0.7, windowMs = 120, maxWaitMs = 5000 } = {}) {
  if (!fs.existsSync("/proc/stat")) return true;
  const started = Date.now();
  for (;;) {
    const before = cpu();
    await sleep(windowMs);
    const after = cpu();
    if ((after.idle - before.idle) / Math.max(1, after.total - before.total) >= minIdle) return true;
    if (Date.now() - started > maxWaitMs) return false;
  }
}
