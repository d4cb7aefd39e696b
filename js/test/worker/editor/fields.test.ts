import "./tools";
import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/worker/editor/fields";
import { folderOf } from "./app";

const { Catalogue } = await import("../../../src/worker/editor/catalogue");
const { Project } = await import("../../../src/worker/project");

function catalogue(files: Record<string, string>) {
  const project = new Project(folderOf({ "src/main.tsx": "", ...files }), "/nowhere");
  return { project, catalogue: new Catalogue(project) };
}

function fieldsOf(source: string, more: Record<string, string> = {}): Record<string, Field> {
  const { catalogue: found } = catalogue({ "src/Thing.tsx": source, ...more });
  return found.component("Thing")!.fields;
}

const types = (fields: Record<string, Field>) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.type]));

describe("fields by type", () => {
  test("plain ones, with defaults and comments", () => {
    const fields = fieldsOf(`
      /** What it is. */
      export interface Props {
        /** Shown on top. */
        title: string;
        subtitle?: string;
        description?: string;
        count: number;
        /** @minimum 1 @maximum 5 */
        stars?: number;
        open: boolean;
        size?: "s" | "m" | "l";
        tone: "a" | "b" | "c" | "d" | "e";
        mixed?: 1 | 2 | "auto";
        accentColor?: string;
        startDate?: string;
        when: Date;
        children?: React.ReactNode;
        footer: React.ReactElement | null;
        onClick?: () => void;
        onChange: React.ChangeEventHandler<HTMLInputElement>;
        icon?: LucideIcon;
        style?: React.CSSProperties;
        "data-test"?: string;
        id?: string;
        /** @textarea */
        words?: string;
        tags: string[];
        items: { label: string; href?: string; done: boolean }[];
        author: { name: string; avatar?: string };
        anything: unknown;
        meta: Record<string, string>;
        width?: number | string;
      }
      export default function Thing({ title, count = 3, size = "m" }: Props) { return <b>{title}</b>; }
    `);
    expect(types(fields)).toEqual({
      title: "text",
      subtitle: "text",
      description: "textarea",
      count: "number",
      stars: "number",
      open: "radio",
      size: "radio",
      tone: "select",
      mixed: "radio",
      accentColor: "color",
      startDate: "date",
      when: "date",
      children: "slot",
      footer: "slot",
      onClick: "hidden",
      onChange: "hidden",
      icon: "hidden",
      style: "json",
      "data-test": "text",
      "#id": "text",
      words: "textarea",
      tags: "array",
      items: "array",
      author: "object",
      anything: "json",
      meta: "json",
      width: "text",
    });
    expect(fields.title).toMatchObject({ label: "Title", help: "Shown on top.", required: true });
    expect(fields.count).toMatchObject({ required: false, default: 3 });
    expect(fields.stars).toMatchObject({ min: 1, max: 5, required: false });
    expect(fields.size).toMatchObject({ default: "m", options: [{ value: "s" }, { value: "m" }, { value: "l" }] });
    expect(fields.tags).toMatchObject({ plain: true, arrayFields: { value: { type: "text" } } });
    expect(types(fields.items!.arrayFields!)).toEqual({ label: "text", href: "text", done: "radio" });
    expect(fields.items!.defaultItem).toEqual({ label: "Label", done: false });
    expect(types(fields.author!.objectFields!)).toEqual({ name: "text", avatar: "text" });
  });

  test.each([
    ["an arrow with a type literal", "export const Thing = ({ a }: { a: string }) => <b>{a}</b>;"],
    ["React.FC", "export const Thing: React.FC<{ a: string }> = ({ a }) => <b>{a}</b>;"],
    ["memo of a function", "export const Thing = memo(function Thing(p: { a: string }) { return <b/>; });"],
    ["memo of a name", "function Inner(p: { a: string }) { return <b/>; } export const Thing = memo(Inner);"],
    ["forwardRef", "export const Thing = React.forwardRef<HTMLDivElement, { a: string }>((p, ref) => <b ref={ref}/>);"],
    ["both", "export default memo(forwardRef<X, { a: string }>(function Thing(p, r) { return <b/>; }));"],
    ["a class", "export class Thing extends React.Component<{ a: string }> { render() { return <b/>; } }"],
    ["a constant that is exported below", "const Thing = (p: { a: string }) => <b/>; export { Thing };"],
    [
      "a name that is the default",
      "type P = { a: string }; function Thing(p: P) { return <b/>; } export default Thing;",
    ],
    ["an anonymous default", "export default (p: { a: string }) => <b/>;"],
    ["generics", "export function Thing<T extends string>(p: { a: T }) { return <b/>; }"],
    ["satisfies", "export const Thing = ((p: { a: string }) => <b/>) satisfies React.FC;"],
    ["an intersection", "type A = { a: string }; export const Thing = (p: A & {}) => <b/>;"],
    ["extends", "interface A { a: string } interface B extends A {} export const Thing = (p: B) => <b/>;"],
    ["Pick", "type A = { a: string; b: number }; export const Thing = (p: Pick<A, 'a'>) => <b/>;"],
    ["Omit", "type A = { a: string; b: number }; export const Thing = (p: Omit<A, 'b'>) => <b/>;"],
    ["a generic alias", "type W<T> = { a: T }; export const Thing = (p: W<string>) => <b/>;"],
    ["Readonly", "export const Thing = ({ a }: Readonly<{ a: string }>) => <b>{a}</b>;"],
    [
      "ComponentProps of another",
      "const In = (p: { a: string }) => <i/>; export const Thing = (p: React.ComponentProps<typeof In>) => <b/>;",
    ],
  ])("props of %s", (_, source) => {
    expect(types(fieldsOf(source))).toEqual({ a: "text" });
  });

  test("types of other files", () => {
    const fields = fieldsOf(
      `import type { Props } from "./types";\nimport { SIZES } from "./types";\nexport default function Thing(p: Props & { size: (typeof SIZES)[number] }) { return <b/>; }`,
      {
        "src/types.ts": `export * from "./more";\nexport const SIZES = ["s", "m"] as const;`,
        "src/more.ts": `import type Base from "./base"; export interface Props extends Base { kind: Kind; tone: keyof typeof TONES }\nexport enum Kind { A = "a", B = "b" }\nconst TONES = { light: 1, dark: 2 };`,
        "src/base.ts": "export default interface Base { base: number }",
      },
    );
    expect(types(fields)).toEqual({ base: "number", kind: "radio", tone: "radio", size: "radio" });
    expect(fields.kind!.options!.map((o) => o.value)).toEqual(["a", "b"]);
    expect(fields.tone!.options!.map((o) => o.value)).toEqual(["light", "dark"]);
    expect(fields.size!.options!.map((o) => o.value)).toEqual(["s", "m"]);
  });

  test("a button as shadcn writes it", () => {
    const fields = fieldsOf(`
      const buttonVariants = cva("base", {
        variants: { variant: { default: "x", outline: "y" }, size: { sm: "", lg: "", icon: "", xl: "", "2xl": "" }, wide: { true: "w" } },
        defaultVariants: { variant: "default" },
      });
      function Thing({ className, variant, asChild = false, ...props }: React.ComponentProps<"button"> & VariantProps<typeof buttonVariants> & { asChild?: boolean }) {
        return <button {...props} />;
      }
      export { Thing, buttonVariants };
    `);
    expect(types(fields)).toMatchObject({
      variant: "radio",
      size: "select",
      wide: "radio",
      asChild: "radio",
      children: "slot",
      className: "text",
      disabled: "radio",
      type: "radio",
    });
    expect(fields.variant).toMatchObject({ default: "default", required: false });
    expect(Object.keys(fields)).not.toContain("ref");
  });

  test("what comes from packages", () => {
    const fields = fieldsOf(`
      import * as Primitive from "primitive";
      import type { Place } from "places";
      export const Thing = (p: React.ComponentProps<typeof Primitive.Root> & { place: "auto" | Place; more: Place; label: React.ComponentProps<"label">["children"] }) => <b/>;
    `);
    expect(types(fields)).toEqual({ className: "text", children: "slot", place: "text", more: "json", label: "slot" });
    expect(fields.place!.suggestions).toEqual(["auto"]);
  });

  test("alternatives of whole props", () => {
    const fields = fieldsOf(`
      type Props = { kind: "link"; href: string } | { kind: "button"; onPress: () => void; label: string };
      export const Thing = (p: Props) => <b/>;
    `);
    expect(types(fields)).toEqual({ kind: "radio", href: "text", onPress: "hidden", label: "text" });
    expect(fields.kind!.required).toBe(true);
    expect(fields.href!.required).toBe(false);
  });

  test("what refers to itself ends", () => {
    const fields = fieldsOf(
      "interface Node { label: string; children: Node[] } export const Thing = (p: { tree: Node; next?: P }) => <b/>; type P = P[];",
    );
    expect(fields.tree!.type).toBe("object");
  });

  test("JavaScript, by defaults, names and propTypes", () => {
    const { catalogue: found } = catalogue({
      "src/Plain.jsx": `export default function Plain({ title = "x", count = 2, children, onGo, isOpen, tags = ["a"] }) { return <b/>; }`,
      "src/Old.jsx": `import PropTypes from "prop-types";
        export default function Old(props) { return <b/>; }
        Old.propTypes = { title: PropTypes.string.isRequired, kind: PropTypes.oneOf(["a", "b"]), items: PropTypes.arrayOf(PropTypes.shape({ n: PropTypes.number })), icon: PropTypes.node };
        Old.defaultProps = { kind: "a" };`,
    });
    expect(types(found.component("Plain")!.fields)).toEqual({
      title: "text",
      count: "number",
      children: "slot",
      onGo: "hidden",
      isOpen: "radio",
      tags: "array",
    });
    const old = found.component("Old")!.fields;
    expect(types(old)).toEqual({ title: "text", kind: "radio", items: "array", icon: "slot" });
    expect(old.title!.required).toBe(true);
    expect(old.kind!.default).toBe("a");
  });
});

describe("the palette", () => {
  const files = {
    "src/main.tsx": "import App from './App'; export const Main = () => <App/>;",
    "src/App.tsx": "export default function App() { return <div/>; }",
    "src/components/Card.tsx":
      "/** A card. */\nexport function Card(p: { title: string }) { return <b/>; }\nexport const CARD = 1; export const Context = createContext(null); export function useCard() {} export const helper = () => 1;",
    "src/components/ui/card.tsx":
      "export function Card() { return <i/>; }\nexport const CardTitle = () => <b/>;\nexport { Card as default };",
    "src/components/index.ts": "export * from './Card'; export { CardTitle as Title } from './ui/card';",
    "src/components/Card.test.tsx": "export const Test = () => <b/>;",
    "src/hero-banner.tsx": "export default () => <b/>;",
    "src/broken.tsx": "export const Broken = () => <b>;",
    "src/util.ts": "export class Card {}",
  };

  test("is what the app exports, by folder", () => {
    const { catalogue: found } = catalogue(files);
    expect(found.components().map((c) => [c.folder, c.type, c.export])).toEqual([
      [".", "App", "default"],
      [".", "HeroBanner", "default"],
      ["components", "Card", "Card"],
      ["components/ui", "Card (components/ui)", "default"],
      ["components/ui", "CardTitle", "CardTitle"],
    ]);
    expect(found.component("Card")).toMatchObject({ help: "A card.", defaultProps: { title: "Title" } });
  });

  test("knows its own by way of others", () => {
    const { catalogue: found } = catalogue(files);
    expect(found.typeAt("src/components/index.ts", "Card")).toBe("Card");
    expect(found.typeAt("src/components/index.ts", "Title")).toBe("CardTitle");
    expect(found.typeAt("src/components/ui/card.tsx", "Card")).toBe("Card (components/ui)");
    expect(found.typeAt("src/components/index.ts", "Nothing")).toBeNull();
  });

  test("follows what changes, and reads nothing twice", () => {
    const { catalogue: found, project } = catalogue(files);
    const before = found.component("Card");
    expect(found.component("Card")).toBe(before);
    project.files.change("src/hero-banner.tsx", "export default (p: { big: boolean }) => <b/>;");
    found.forget(["src/hero-banner.tsx"]);
    expect(found.component("Card")).toBe(before);
    expect(found.component("HeroBanner")!.fields.big!.type).toBe("radio");
    project.files.change("src/New.tsx", "export const New = () => <b/>;");
    found.forget(["src/New.tsx"]);
    expect(found.component("New")).not.toBeNull();
  });
});

describe("fields of what packages declare", () => {
  const KIT = {
    "node_modules/kit/package.json": `{ "name": "kit", "exports": { ".": { "import": { "types": "./index.d.mts", "default": "./index.mjs" } } } }`,
    "node_modules/kit/index.mjs": "",
    "node_modules/kit/index.d.mts": `import * as dialog from "kit-dialog"; export { dialog as Dialog }; export * as Inner from "./inner.mjs";`,
    "node_modules/kit/inner.mjs": "",
    "node_modules/kit/inner.d.mts": `import * as React from "react"; export declare function Meter(props: { max: number; "aria-label"?: string }): React.JSX.Element;`,
    "node_modules/kit-dialog/package.json": `{ "name": "kit-dialog", "main": "index.js", "types": "index.d.ts" }`,
    "node_modules/kit-dialog/index.d.ts": `
      import * as React from "react";
      import { Primitive } from "kit-primitive";
      declare const Sides: readonly ["top", "bottom"];
      declare const Kind: { readonly One: "one"; readonly Two: "two" };
      type Kind = (typeof Kind)[keyof typeof Kind];
      interface DialogProps {
        children?: React.ReactNode;
        /** Whether it is open. @default false */
        open?: boolean;
        /** @defaultValue "500ms" */
        delay?: number;
        side?: (typeof Sides)[number];
        kind: Kind;
        onOpenChange?(open: boolean): void;
        container?: Element | null;
        forceMount?: true;
        internals?: unknown;
      }
      declare const Dialog: React.FC<DialogProps>;
      declare const Root: typeof Dialog;
      interface TriggerProps extends React.ComponentPropsWithoutRef<typeof Primitive.button> { asChild?: boolean }
      declare const Trigger: React.ForwardRefExoticComponent<TriggerProps & React.RefAttributes<HTMLButtonElement>>;
      declare const Parts: { Close: typeof Trigger };
      export { Root, Trigger, Parts, type DialogProps };`,
    "node_modules/kit-primitive/package.json": `{ "name": "kit-primitive" }`,
  };

  function kit(source: string): Record<string, Field> {
    const root = folderOf({ "src/main.tsx": "", "src/Thing.tsx": source, ...KIT });
    return new Catalogue(new Project(root, root)).component("Thing")!.fields;
  }

  test("by way of a component of a namespace", () => {
    const fields = kit(`import { Dialog as DialogPrimitive } from "kit";
      function Thing({ tone, ...props }: React.ComponentProps<typeof DialogPrimitive.Root> & { tone: string }) { return <DialogPrimitive.Root {...props} />; }
      export { Thing };`);
    expect(types(fields)).toEqual({
      tone: "text",
      children: "slot",
      open: "radio",
      delay: "number",
      side: "radio",
      kind: "radio",
      forceMount: "radio",
    });
    expect(fields).toMatchObject({ open: { default: false, help: "Whether it is open." }, kind: { required: true } });
    expect(fields.delay!.default).toBeUndefined();
    expect(fields.side!.options!.map((o) => o.value)).toEqual(["top", "bottom"]);
  });

  test("as elements, as members of constants, as types, and as the component itself", () => {
    const button = ["type", "disabled", "className", "#id", "title", "children", "asChild"];
    expect(
      Object.keys(
        kit(
          `import { Dialog } from "kit"; export function Thing(p: React.ComponentProps<typeof Dialog.Trigger>) { return <b /> }`,
        ),
      ),
    ).toEqual(button);
    expect(
      Object.keys(
        kit(
          `import { Parts } from "kit-dialog"; export function Thing(p: React.ComponentProps<typeof Parts.Close>) { return <b /> }`,
        ),
      ),
    ).toEqual(button);
    expect(
      kit(`import { type DialogProps } from "kit-dialog"; export function Thing(p: DialogProps) { return <b /> }`),
    ).toHaveProperty("side");
    expect(kit(`import { Dialog } from "kit"; export const Thing = Dialog.Root;`)).toHaveProperty("side");
    expect(
      Object.keys(
        kit(
          `import { Inner } from "kit"; export function Thing(p: React.ComponentProps<typeof Inner.Meter>) { return <b /> }`,
        ),
      ),
    ).toEqual(["max"]);
  });

  test("that is not installed has a class and children", () => {
    for (const type of ["React.ComponentProps<typeof Nowhere.Root>", "NowhereProps", "Nowhere.Root.Props"]) {
      const fields = kit(
        `import { Nowhere, type NowhereProps } from "nowhere"; export function Thing({ a, ...p }: ${type} & { a: number }) { return <b /> }`,
      );
      expect(types(fields)).toEqual({ a: "number", className: "text", children: "slot" });
    }
  });
});
