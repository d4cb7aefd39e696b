// A log, in a box that scrolls.

/** Follows its end as long as its end is in sight. */
export function LogLines({ lines }: { lines: string[] }) {
  const follow = (element: HTMLPreElement | null) => {
    if (!element) return;
    const atEnd = element.dataset.left !== "true";
    if (atEnd) element.scrollTop = element.scrollHeight;
  };
  return (
    <pre
      ref={follow}
      class="code log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
      tabIndex={0}
      role="log"
      aria-label="Log"
      onScroll={({ currentTarget: at }) => {
        at.dataset.left = String(at.scrollTop + at.clientHeight < at.scrollHeight - 4);
      }}
    >
      {lines.join("\n")}
    </pre>
  );
}
