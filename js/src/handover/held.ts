// What the page holds of the apps that it shows: snapshots, and their packages apart, each once, gzipped and in base64.
import type { Snapshot, Vendor } from "../protocol";

const opened = new Map<string, Promise<unknown>>();

/** The snapshot of that name. Rejected where the page, or the browser, lacks something for it. */
export async function held(name: string): Promise<Snapshot> {
  const snapshot = await part<Snapshot>("app", name);
  const vendor = await Promise.all(snapshot.vendor.map(({ id }) => part<Vendor>("packages", id)));
  return { ...snapshot, vendor };
}

function part<T>(kind: "app" | "packages", name: string): Promise<T> {
  const key = `${kind} ${name}`;
  const known = opened.get(key);
  if (known) return known as Promise<T>;
  const opening = open(kind, name);
  opened.set(key, opening);
  return opening as Promise<T>;
}

async function open(kind: string, name: string): Promise<unknown> {
  const attribute = `data-overskill-${kind}`;
  const elements = [...document.querySelectorAll(`script[${attribute}]`)];
  const text = elements.find((element) => element.getAttribute(attribute) === name)?.textContent;
  if (!text) throw new Error("The page lacks a part of what it should show; export it again.");
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(plain).text());
}
