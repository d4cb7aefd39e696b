import * as resolvers from "@hookform/resolvers/zod";
import * as table from "@tanstack/react-table";
import * as virtual from "@tanstack/react-virtual";
import * as cmdk from "cmdk";
import * as carousel from "embla-carousel-react";
import * as otp from "input-otp";
import * as dayPicker from "react-day-picker";
import * as form from "react-hook-form";
import * as panels from "react-resizable-panels";
import * as vaul from "vaul";

const PACKAGES = { resolvers, virtual, table, cmdk, carousel, otp, dayPicker, form, panels, vaul };

/** What the packages export. */
export function Packages() {
  const { register } = form.useForm();
  return (
    <section>
      <input className="rounded border px-2" {...register("filter")} />
      <ul className="grid grid-cols-4 text-xs">
        {Object.entries(PACKAGES).map(([name, all]) => (
          <li key={name}>
            {name} {Object.keys(all).length}
          </li>
        ))}
      </ul>
    </section>
  );
}
