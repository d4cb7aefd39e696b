import * as Primitive from "@radix-ui/react-checkbox";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Checkbox({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-checkbox", className) } as object)} />;
}

export const CheckboxParts = Primitive;
