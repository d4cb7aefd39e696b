// Line icons on a 16 px grid, drawn in the text's colour.
import type { ComponentChildren } from "preact";

function icon(children: ComponentChildren) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.3"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const icons = {
  record: icon(<circle cx="8" cy="8" r="4" />),
  reload: icon(<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3" stroke-linecap="round" stroke-linejoin="round" />),
  fit: icon(
    <path d="M2 4v8M14 4v8M4.5 8h7M6 6 4.5 8 6 10M10 6l1.5 2L10 10" stroke-linecap="round" stroke-linejoin="round" />,
  ),
  phone: icon(
    <path
      d="M5 2.5h6a.7.7 0 0 1 .7.7v9.6a.7.7 0 0 1-.7.7H5a.7.7 0 0 1-.7-.7V3.2a.7.7 0 0 1 .7-.7zM7.2 11.7h1.6"
      stroke-linecap="round"
    />,
  ),
  tablet: icon(
    <path
      d="M3.2 2h9.6a.7.7 0 0 1 .7.7v10.6a.7.7 0 0 1-.7.7H3.2a.7.7 0 0 1-.7-.7V2.7a.7.7 0 0 1 .7-.7zM7 12.2h2"
      stroke-linecap="round"
    />,
  ),
  desktop: icon(<path d="M2 3h12v8H2zM5.5 13.5h5M8 11v2.5" stroke-linecap="round" stroke-linejoin="round" />),
  console: icon(<path d="M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10h3" stroke-linecap="round" stroke-linejoin="round" />),
  open: icon(
    <path
      d="M9.5 2.5h4v4M13.5 2.5 8 8M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3"
      stroke-linecap="round"
      stroke-linejoin="round"
    />,
  ),
  expand: icon(
    <path
      d="M2.5 6v-3.5h3.5M10 2.5h3.5v3.5M13.5 10v3.5h-3.5M6 13.5h-3.5v-3.5"
      stroke-linecap="round"
      stroke-linejoin="round"
    />,
  ),
  shrink: icon(
    <path
      d="M6 2.5v3.5h-3.5M13.5 6h-3.5v-3.5M10 13.5v-3.5h3.5M2.5 10h3.5v3.5"
      stroke-linecap="round"
      stroke-linejoin="round"
    />,
  ),
  close: icon(<path d="m4 4 8 8M12 4l-8 8" stroke-linecap="round" />),
  check: icon(<path d="m3.5 8.5 3 3 6-7" stroke-linecap="round" stroke-linejoin="round" />),
  stop: icon(<path d="M4 8h8" stroke-linecap="round" />),
  undo: icon(
    <path d="M5.5 3.5 2.5 6.5l3 3M2.5 6.5h7a3.5 3.5 0 0 1 0 7H7" stroke-linecap="round" stroke-linejoin="round" />,
  ),
  draft: icon(<path d="M3 8h.01M8 8h.01M13 8h.01" stroke-width="3" stroke-linecap="round" />),
  copy: icon(<path d="M6 5.5h7.5v8H6zM10.5 5.5v-3H3v8h3" stroke-linejoin="round" />),
  clear: icon(<path d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM4.2 4.2l7.6 7.6" />),
} as const;

export function Button(props: {
  icon: keyof typeof icons;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  expanded?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <button
      type="button"
      class="button"
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      onClick={props.onClick}
    >
      {icons[props.icon]}
      {props.children}
    </button>
  );
}
