/** The two ports. Held here and nowhere that the app could reach. */
import type { Ack } from "../protocol";
import type { FromFrame } from "./messages";

let control: MessagePort | null = null;
let updates: MessagePort | null = null;

export function connect(controlPort: MessagePort, updatesPort: MessagePort): void {
  control = controlPort;
  updates = updatesPort;
}

export function post(message: FromFrame): void {
  control?.postMessage(message);
}

export function acknowledge(ack: Ack): void {
  updates?.postMessage(ack);
}
