import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { format } from "date-fns";
import { motion } from "framer-motion";
import { ArrowUp, Bell, ChartLine, House } from "lucide-react";
import { ThemeProvider } from "next-themes";
import { ErrorBoundary } from "react-error-boundary";
import { useTranslation } from "react-i18next";
import Markdown from "react-markdown";
import { MemoryRouter, Route, Routes } from "react-router-dom";
import { Line, LineChart, XAxis, YAxis } from "recharts";
import { Toaster, toast } from "sonner";
import { Gallery } from "./components/gallery";
import { Packages } from "./components/packages";
import { Button } from "./components/ui/button";
import { api, total, useStore } from "./lib/store";

const client = new QueryClient();

function Orders() {
  const { orders, raise } = useStore();
  const { t } = useTranslation();
  return (
    <motion.section className="grid gap-2" layout>
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <ChartLine size={18} /> {t("orders")} {total(orders)}
      </h2>
      <LineChart width={480} height={160} data={orders}>
        <XAxis dataKey="day" />
        <YAxis />
        <Line dataKey="amount" isAnimationActive={false} />
      </LineChart>
      {orders.map((order) => (
        <div key={order.id} className="flex items-center justify-between rounded border px-3 py-1">
          {order.customer} {order.amount}
          <Button variant="ghost" onClick={() => raise(order.id)}>
            <ArrowUp size={14} /> raise
          </Button>
        </div>
      ))}
    </motion.section>
  );
}

function Page() {
  return (
    <main className="mx-auto grid max-w-3xl gap-6 p-8">
      <h1 id="ready" className="flex items-center gap-2 text-2xl font-bold">
        <House /> Dashboard {format(new Date(2026, 0, 1), "d MMMM yyyy")}
      </h1>
      <Markdown>{`Data from *${api.defaults.baseURL}*.`}</Markdown>
      <Button variant="outline" onClick={() => toast("Saved")}>
        <Bell size={14} /> Notify
      </Button>
      <Orders />
      <Gallery />
      <Packages />
    </main>
  );
}

export default function App() {
  return (
    <ErrorBoundary fallback={<p>It broke.</p>}>
      <ThemeProvider attribute="class">
        <QueryClientProvider client={client}>
          <MemoryRouter>
            <Routes>
              <Route path="*" element={<Page />} />
            </Routes>
          </MemoryRouter>
          <Toaster />
        </QueryClientProvider>
      </ThemeProvider>
    </ErrorBoundary>
  );
}
