interface Chart {
  title: string;
  figures: { label: string; text: string }[];
  /** In the order in which they came. */
  values: number[];
  unit: string;
  /** What they are to stay below. */
  most?: number;
}

const WIDTH = 300;
const HEIGHT = 80;

/** What was measured: figures, and each value that they come of. */
export default function Metrics({ charts = [] }: { charts?: Chart[] }) {
  return (
    <main className="grid grid-cols-1 gap-4 p-4 sm:grid-cols-2">
      {charts.map((chart) => (
        <section key={chart.title} className="rounded-lg border border-slate-300 p-4 dark:border-slate-600">
          <h2 className="text-sm text-slate-600 dark:text-slate-300">{chart.title}</h2>
          <dl className="mt-1 mb-3 flex gap-6">
            {chart.figures.map(({ label, text }) => (
              <div key={label} className="flex flex-col-reverse">
                <dt className="text-xs text-slate-600 dark:text-slate-300">{label}</dt>
                <dd className="text-2xl font-semibold dark:text-white">{text}</dd>
              </div>
            ))}
          </dl>
          {chart.values.length > 0 && <Bars {...chart} />}
        </section>
      ))}
    </main>
  );
}

function Bars({ title, values, unit, most }: Chart) {
  const shown = values.slice(-100);
  const top = Math.max(...shown, most ?? 0);
  const step = WIDTH / shown.length;
  const width = Math.min(step * 0.8, 24);
  const line = most === undefined ? 0 : HEIGHT - (most / top) * HEIGHT;
  const highest = Math.max(...shown);
  return (
    <figure>
      <svg
        viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
        role="img"
        aria-label={`${title}: ${shown.length} values, at most ${highest.toFixed(1)} ${unit}`}
        className="w-full"
      >
        {shown.map((value, at) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: values have no other name than their place
            key={at}
            x={at * step}
            y={HEIGHT - (value / top) * HEIGHT}
            width={width}
            height={(value / top) * HEIGHT}
            className={most !== undefined && value > most ? "fill-red-600" : "fill-sky-600"}
          />
        ))}
        {most !== undefined && (
          <line x1={0} x2={WIDTH} y1={line} y2={line} className="stroke-slate-500" strokeDasharray="4 3" />
        )}
      </svg>
      <figcaption className="mt-1 text-xs text-slate-600 dark:text-slate-300">
        The last {shown.length}; the highest is {highest.toFixed(1)} {unit}
      </figcaption>
    </figure>
  );
}
