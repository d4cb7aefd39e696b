import { useEffect, useState } from "react";

const BUTTON = "rounded border px-4 py-1";

export default function Stopwatch() {
  const [seconds, setSeconds] = useState(0);
  const [running, setRunning] = useState(false);

  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);

  function reset() {
    setRunning(false);
    setSeconds(0);
  }

  return (
    <div className="flex flex-col items-center gap-4 p-6">
      <p className="font-mono text-4xl">{seconds} s</p>
      <div className="flex gap-2">
        <button type="button" className={BUTTON} onClick={() => setRunning(true)}>
          Start
        </button>
        <button type="button" className={BUTTON} onClick={() => setRunning(false)}>
          Stop
        </button>
        <button type="button" className={BUTTON} onClick={reset}>
          Reset
        </button>
      </div>
    </div>
  );
}
