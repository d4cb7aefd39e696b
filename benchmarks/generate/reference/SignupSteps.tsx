import { type FormEvent, useState } from "react";

const FIELDS = ["Name", "Email", "City"];

export default function SignupSteps() {
  const [step, setStep] = useState(0);
  const [values, setValues] = useState(FIELDS.map(() => ""));
  const last = step === FIELDS.length - 1;

  function next(event: FormEvent) {
    event.preventDefault();
    setStep(step + 1);
  }

  if (step === FIELDS.length) return <p className="p-6 text-xl">All done</p>;

  return (
    <form className="mx-auto max-w-sm space-y-4 p-6" onSubmit={next}>
      <p className="text-sm text-gray-500">
        Step {step + 1} of {FIELDS.length}
      </p>
      <label className="block">
        {FIELDS[step]}
        <input
          className="mt-1 w-full rounded border px-3 py-2"
          value={values[step]}
          onChange={(event) => setValues(values.map((value, n) => (n === step ? event.target.value : value)))}
        />
      </label>
      <div className="flex justify-between">
        <button type="button" disabled={step === 0} onClick={() => setStep(step - 1)}>
          Back
        </button>
        <button type="submit">{last ? "Finish" : "Next"}</button>
      </div>
    </form>
  );
}
