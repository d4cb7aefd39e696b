/**
 * The files that the TypeScript process sees: the app's with candidates over them, its packages, the types of React,
 * and two files of ours. Nothing else is there for it.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { real, within } from "../confine";
import { Problem } from "../diagnostics";
import type { Project } from "../project";
import { AMBIENT, JSX } from "./ambient";
import { tsconfig } from "./options";
import { compiler, modules, STAND_INS } from "./tools";

/** Where the app lies for TypeScript; the same for each, as no other app is there. */
export const ROOT = "/app";
export const CONFIG = `${ROOT}/tsconfig.json`;
/** Uses the component as a preview does. */
export const PROBE = "overskill.probe.tsx";
const GLOBALS = "overskill.globals.d.ts";
const PACKAGES = `${ROOT}/node_modules/`;

export interface Changes {
  changed: string[];
  created: string[];
  deleted: string[];
}

interface Listing {
  files: string[];
  directories: string[];
}

export class View {
  /** What TypeScript was told of the app's files: their text, or null where there was none. */
  private readonly told = new Map<string, string | null>();
  private overlay = new Map<string, string | null>();
  private own = new Map<string, string>();
  private readonly libraries = dirname(compiler() ?? "/");
  private readonly standIns: Record<string, string>;

  constructor(private readonly project: Project) {
    this.standIns = STAND_INS[project.packages.version("react")?.split(".")[0] ?? ""] ?? {};
  }

  /** The major version of React's types; 0 where there are none. */
  get react(): number {
    return Number.parseInt(
      /"version":\s*"(\d+)/.exec(this.readFile(`${PACKAGES}@types/react/package.json`) ?? "")?.[1] ?? "0",
      10,
    );
  }

  /** Shows candidates, and says what is different from before. `roots` are what is to be checked. */
  show(overlay: Map<string, string | null>, roots: string[], probe: string): Changes {
    this.overlay = overlay;
    const ambient = this.project.files.walk("").filter((path) => path.endsWith(".d.ts"));
    const files = [...new Set([PROBE, GLOBALS, ...ambient, ...roots])];
    this.own = new Map([
      ["tsconfig.json", tsconfig(this.project.settings, files)],
      [PROBE, probe],
      [GLOBALS, this.react < 19 ? AMBIENT : AMBIENT + JSX],
    ]);
    const changes: Changes = { changed: [], created: [], deleted: [] };
    for (const [path, before] of this.told) {
      const now = this.text(path);
      if (now === before) continue;
      changes[before === null ? "created" : now === null ? "deleted" : "changed"].push(`${ROOT}/${path}`);
      this.told.set(path, now);
    }
    return changes;
  }

  /** The text of a file of the app; null where there is none. */
  text(path: string): string | null {
    const candidate = this.own.get(path) ?? this.overlay.get(path);
    if (candidate !== undefined) return candidate;
    const { files } = this.project;
    try {
      return files.isFile(path) ? files.text(path) : null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return null;
    }
  }

  /** What TypeScript asks for. */
  readonly answers = {
    readFile: (path: string) => ({ content: this.readFile(path) }),
    fileExists: (path: string) => this.fileExists(path),
    directoryExists: (path: string) => this.directoryExists(path),
    getAccessibleEntries: (path: string) => this.entries(path),
    realpath: (path: string) => this.realpath(path),
  };

  private readFile(path: string): string | null {
    const inApp = ofApp(path);
    if (inApp !== null) return this.tell(inApp);
    const full = this.locate(path);
    try {
      return full && readFileSync(full, "utf8");
    } catch {
      return null;
    }
  }

  private fileExists(path: string): boolean {
    const inApp = ofApp(path);
    if (inApp !== null) return this.tell(inApp) !== null;
    return stat(this.locate(path))?.isFile() ?? false;
  }

  private directoryExists(path: string): boolean {
    const inApp = path === ROOT ? "" : ofApp(path);
    if (inApp === null) return this.standsIn(path) || (stat(this.locate(path))?.isDirectory() ?? false);
    const below = inApp && `${inApp}/`;
    return this.project.files.kind(inApp) === "folder" || [...this.overlay.keys()].some((p) => p.startsWith(below));
  }

  /** Only folders of packages are listed: the files of the app are named to it. */
  private entries(path: string): Listing {
    const out: Listing = { files: [], directories: [] };
    const full = ofApp(path) === null ? this.locate(path) : null;
    try {
      for (const entry of full ? readdirSync(full, { withFileTypes: true }) : []) {
        (entry.isFile() ? out.files : out.directories).push(entry.name);
      }
    } catch {
      // Not a folder.
    }
    return out;
  }

  /** Packages may be links to a folder of all versions, beside which their own packages lie. */
  private realpath(path: string): string {
    const home = this.project.packages.modules;
    const full = path.startsWith(PACKAGES) ? this.locate(path) : null;
    if (!full || !home || !within(home, full)) return path;
    return (
      PACKAGES +
      full
        .slice(home.length + 1)
        .split(sep)
        .join("/")
    );
  }

  private tell(path: string): string | null {
    const text = this.text(path);
    this.told.set(path, text);
    return text;
  }

  /** A folder above types that stand in. */
  private standsIn(path: string): boolean {
    return Object.keys(this.standIns).some((name) => `${PACKAGES}${name}/`.startsWith(`${path}/`));
  }

  /** The real file or folder of a package or of TypeScript's own; null where there is none. */
  private locate(path: string): string | null {
    if (!`${path}/`.startsWith(PACKAGES)) {
      const full = real(path);
      return full && within(this.libraries, full) ? full : null;
    }
    const below = path.slice(PACKAGES.length);
    const home = this.project.packages.modules;
    const full = home && real(join(home, below));
    if (full && within(home, full)) return full;
    const name = Object.keys(this.standIns).find((each) => below === each || below.startsWith(`${each}/`));
    return name === undefined ? null : real(modules(this.standIns[name]!, below.slice(name.length)));
  }
}

/** A path of the app itself. */
function ofApp(path: string): string | null {
  return path.startsWith(`${ROOT}/`) && !`${path}/`.startsWith(PACKAGES) ? path.slice(ROOT.length + 1) : null;
}

function stat(path: string | null) {
  return path === null ? undefined : statSync(path, { throwIfNoEntry: false });
}
