/** A sandboxed document has no storage, and says so with exceptions. These last as long as the frame. */
class MemoryStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(String(key)) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(String(key), String(value));
  }

  removeItem(key: string): void {
    this.#items.delete(String(key));
  }

  clear(): void {
    this.#items.clear();
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  keys(): string[] {
    return [...this.#items.keys()];
  }
}

/** Items are properties as well: `localStorage.token`. */
function storage(): MemoryStorage {
  const memory = new MemoryStorage();
  return new Proxy(memory, {
    get(target, key) {
      if (typeof key === "string" && !(key in target)) return target.getItem(key) ?? undefined;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, key, value) {
      target.setItem(String(key), value);
      return true;
    },
    has: (target, key) => key in target || target.has(String(key)),
    deleteProperty(target, key) {
      target.removeItem(String(key));
      return true;
    },
    ownKeys: (target) => target.keys(),
    getOwnPropertyDescriptor(target, key) {
      if (typeof key !== "string" || !target.has(key)) return undefined;
      return { value: target.getItem(key), enumerable: true, configurable: true, writable: true };
    },
  });
}

export function installStorage(): void {
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { configurable: true, enumerable: true, value: storage() });
  }
  const cookies = new Map<string, string>();
  Object.defineProperty(document, "cookie", {
    configurable: true,
    get: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    set(cookie: string) {
      const [pair = "", ...attributes] = String(cookie).split(";");
      const at = pair.indexOf("=");
      const name = pair.slice(0, Math.max(at, 0)).trim();
      const over = attributes.some((attribute) => {
        const [key = "", value = ""] = attribute.trim().split("=");
        if (/^max-age$/i.test(key)) return Number(value) <= 0;
        return /^expires$/i.test(key) && Date.parse(value) < Date.now();
      });
      if (over) cookies.delete(name);
      else cookies.set(name, pair.slice(at + 1).trim());
    },
  });
}
