import * as Primitive from "@radix-ui/react-select";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Select({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-select", className) } as object)} />;
}

export const SelectParts = Primitive;
