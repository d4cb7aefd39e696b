/** Props that published libraries declare, and the field with which a person would set each. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Field } from "../../../src/worker/editor/fields";

/** As the catalogue has it: one that another library has as well says its module. */
type Row = readonly [library: string, component: string, prop: string, field: string];

/** What a person chose, before it was run. */
export const TABLE: readonly Row[] = [
  // A theme's keys or any CSS value: a text, with the keys as suggestions.
  ["mantine", "Alert", "radius", "text with suggestions"],
  ["mantine", "Alert", "color", "text with suggestions"],
  ["mantine", "Alert", "title", "slot"],
  ["mantine", "Alert", "withCloseButton", "radio of 2"],
  ["mantine", "Alert", "onClose", "hidden"],
  ["mantine", "Alert", "closeButtonLabel", "text"],
  ["mantine", "Rating", "emptySymbol", "slot"],
  ["mantine", "Rating", "fractions", "number"],
  ["mantine", "Rating", "size", "text with suggestions"],
  ["mantine", "Rating", "getSymbolLabel", "hidden"],
  ["mantine", "Timeline", "align", "radio of 2"],
  ["mantine", "Timeline", "lineWidth", "text"],
  ["tremor", "DateRangePicker", "defaultValue", "object of from: date, to: date, selectValue: text"],
  ["tremor", "DateRangePicker", "minDate", "date"],
  ["tremor", "DateRangePicker", "selectPlaceholder", "text"],
  ["tremor", "DateRangePicker", "weekStartsOn", "select of 7"],
  ["tremor", "DateRangePicker", "disabledDates", "array of date"],
  ["tremor", "DateRangePicker", "children", "slot"],
  ["tremor", "BarChart", "data", "json"],
  ["tremor", "BarChart", "categories", "array of text"],
  ["tremor", "BarChart", "colors", "array of text with suggestions"],
  ["tremor", "BarChart", "valueFormatter", "hidden"],
  ["tremor", "BarChart", "showLegend", "radio of 2"],
  ["tremor", "BarChart", "padding", "object of left: number, right: number"],
  ["tremor", "BarChart", "customTooltip", "hidden"],
  ["tremor", "BarChart", "barCategoryGap", "text"],
  ["tremor", "Tracker", "data", "array of key: text, color: text with suggestions, tooltip: text"],
  ["tremor", "Icon", "icon", "hidden"],
  ["tremor", "Icon", "variant", "select of 5"],
  ["tremor", "Icon", "color", "select of 22"],
  ["antd", "Statistic", "formatter", "radio of 3"],
  ["antd", "Statistic", "value", "text"],
  ["antd", "Statistic", "valueRender", "hidden"],
  ["antd", "Statistic", "onMouseEnter", "hidden"],
  ["antd", "Statistic", "style", "json"],
  ["antd", "Result", "status", "select of 10"],
  ["antd", "Steps", "type", "select of 5"],
  [
    "antd",
    "Steps",
    "items",
    "array of key: text, className: text, content: textarea, status: radio of 4, disabled: radio of 2, title: text",
  ],
  ["mui", "Alert", "severity", "radio of 4"],
  ["mui", "Alert", "closeText", "text"],
  ["flowbite", "Alert", "icon", "hidden"],
  ["flowbite", "Alert", "onDismiss", "hidden"],
  ["flowbite", "Avatar", "img", "text"],
  ["flowbite", "Avatar", "status", "radio of 4"],
  ["flowbite", "Pagination", "layout", "radio of 3"],
  ["flowbite", "Pagination", "currentPage", "number"],
  ["flowbite", "Pagination", "renderPaginationButton", "hidden"],
  ["shadcn", "Button", "variant", "select of 6"],
  ["shadcn", "Button", "size", "select of 5"],
  ["shadcn", "Button", "type", "radio of 3"],
  ["shadcn", "CommandDialog", "description", "textarea"],
  ["shadcn", "Sidebar", "collapsible", "radio of 3"],
  ["shadcn", "SidebarMenuButton", "tooltip", "text"],
  ["shadcn", "FieldError", "errors", "array of message: textarea"],
  ["small", "Toaster", "position", "select of 6"],
  ["small", "Toaster", "hotkey", "array of text"],
  ["small", "Toaster", "toastOptions", "object of className: text, closeButton: radio of 2, duration: number"],
  ["small", "Toaster", "offset", "text"],
  ["small", "Toaster", "swipeDirections", "array of radio of 4"],
  ["small", "Drawer", "activeSnapPoint", "text"],
  ["small", "Drawer", "setActiveSnapPoint", "hidden"],
  ["small", "Drawer", "closeThreshold", "number"],
  ["small", "Drawer", "container", "hidden"],
  ["small", "Marquee", "direction", "radio of 4"],
  ["small", "Marquee", "gradientColor", "color"],
  ["small", "Spinner", "color", "color"],
  ["small", "Spinner", "cssOverride", "json"],
  ["small", "CountUp", "end", "number"],
  ["small", "CountUp", "delay", "number"],
  ["small", "CountUp", "children", "hidden"],
  ["small", "Carousel", "indicatorLabels", "array of text"],
  ["small", "Carousel", "interval", "number"],
  ["small", "Carousel", "pause", "radio of 2"],
  ["small", "Carousel", "variant", "text with suggestions"],
  ["small", "DayPicker", "defaultMonth", "date"],
  ["small", "DayPicker", "numberOfMonths", "number"],
];

const folder = resolve(import.meta.dirname, "fixtures/prop_types");

/** The declarations, as modules of an app. */
export function declarations(): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return Object.fromEntries(
    names.map((name) => [`src/${name.replace(".txt", "")}`, readFileSync(resolve(folder, name), "utf8")]),
  );
}

/** A field in words, as the table has them. */
export function inWords(field: Field | undefined): string {
  if (!field) return "none";
  const within = (fields: Record<string, Field>) =>
    Object.entries(fields)
      .map(([name, inner]) => `${name.replace(/^#/, "")}: ${inWords(inner)}`)
      .join(", ");
  if (field.type === "array")
    return `array of ${field.plain ? inWords(field.arrayFields!.value) : within(field.arrayFields!)}`;
  if (field.type === "object") return `object of ${within(field.objectFields!)}`;
  if (field.options) return `${field.type} of ${field.options.length}`;
  return field.suggestions ? `${field.type} with suggestions` : field.type;
}
