import * as Primitive from "@radix-ui/react-radio-group";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function RadioGroup({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-radio-group", className) } as object)} />;
}

export const RadioGroupParts = Primitive;
