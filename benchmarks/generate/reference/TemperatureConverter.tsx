import { useState } from "react";

function converted(text: string, convert: (value: number) => number): string {
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? "" : String(Math.round(convert(value) * 100) / 100);
}

export default function TemperatureConverter() {
  const [celsius, setCelsius] = useState("");
  const [fahrenheit, setFahrenheit] = useState("");

  function changeCelsius(text: string) {
    setCelsius(text);
    setFahrenheit(converted(text, (c) => (c * 9) / 5 + 32));
  }

  function changeFahrenheit(text: string) {
    setFahrenheit(text);
    setCelsius(converted(text, (f) => ((f - 32) * 5) / 9));
  }

  return (
    <div className="flex gap-4 p-6">
      <label>
        Celsius
        <input
          type="number"
          className="block rounded border px-3 py-2"
          value={celsius}
          onChange={(event) => changeCelsius(event.target.value)}
        />
      </label>
      <label>
        Fahrenheit
        <input
          type="number"
          className="block rounded border px-3 py-2"
          value={fahrenheit}
          onChange={(event) => changeFahrenheit(event.target.value)}
        />
      </label>
    </div>
  );
}
