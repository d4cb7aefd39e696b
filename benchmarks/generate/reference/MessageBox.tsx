import { useState } from "react";

const MOST = 20;

export default function MessageBox() {
  const [message, setMessage] = useState("");
  const tooLong = message.length > MOST;

  return (
    <form className="mx-auto max-w-md space-y-2 p-6" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor="message" className="block font-medium">
        Message
      </label>
      <textarea
        id="message"
        rows={3}
        className="w-full rounded border p-2"
        value={message}
        onChange={(event) => setMessage(event.target.value)}
      />
      <div className="flex items-center justify-between">
        <p className={tooLong ? "text-red-600" : "text-gray-500"}>
          {message.length} of {MOST}
          {tooLong && <strong className="ml-2">Too long</strong>}
        </p>
        <button
          type="submit"
          disabled={tooLong || message.length === 0}
          className="rounded bg-blue-600 px-4 py-2 text-white disabled:opacity-50"
        >
          Send
        </button>
      </div>
    </form>
  );
}
