import * as Primitive from "@radix-ui/react-accordion";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Accordion({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-accordion", className) } as object)} />;
}

export const AccordionParts = Primitive;
