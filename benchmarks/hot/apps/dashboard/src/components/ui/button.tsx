import { Slot } from "@radix-ui/react-slot";
import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

const variants = cva("inline-flex items-center gap-2 rounded-md px-3 py-1 text-sm font-medium", {
  variants: { variant: { default: "bg-primary text-white", outline: "border bg-white", ghost: "hover:bg-muted" } },
  defaultVariants: { variant: "default" },
});

export function Button({
  className,
  variant,
  asChild,
  ...props
}: ComponentProps<"button"> & VariantProps<typeof variants> & { asChild?: boolean }) {
  const Element = asChild ? Slot : "button";
  return <Element className={cn(variants({ variant }), className)} {...props} />;
}
