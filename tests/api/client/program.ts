/* A web shop that orders from a workshop: compiled against the client made of the document. */

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Job = components["schemas"]["Job"];
type Problem = components["schemas"]["Problem"];

type Json = "application/json" | "application/problem+json"; // Lists come as streams of lines, too.

const api = createClient<paths, Json>({ baseUrl: "https://andon.example" });

function refuse(problem: Problem): never {
  const faults = problem.errors.map((fault) => `${fault.pointer ?? fault.parameter}: ${fault.detail}`);
  throw new Error([problem.code, problem.detail, ...faults].join("\n"));
}

async function signIn(username: string, password: string): Promise<string> {
  const { data, error } = await api.POST("/api/v1/auth/token/", { body: { username, password } });
  if (error) refuse(error);
  return data.access;
}

/* Whoever asks for no `fields` is told whole records, and may say so. */
async function overdue(): Promise<Job[]> {
  const { data, error } = await api.GET("/api/v1/jobs/", {
    params: { query: { overdue: true, status: ["active", "on_hold"], ordering: "-due_date" } },
  });
  if (error) refuse(error);
  return data.results as Job[];
}

async function numbersOnly(): Promise<(string | undefined)[]> {
  const { data, error } = await api.GET("/api/v1/jobs/", {
    params: { query: { fields: ["id", "number"] } },
  });
  if (error) refuse(error);
  return data.results.map((job) => job.number);
}

async function order(customer: number, routing: number, quantity: number, key: string): Promise<Job> {
  const made = await api.POST("/api/v1/jobs/", {
    params: { header: { "Idempotency-Key": key } },
    body: { customer, routing, quantity, priority: "high" },
  });
  if (made.error) refuse(made.error);
  const released = await api.POST("/api/v1/jobs/{id}/release/", {
    params: { path: { id: made.data.id } },
  });
  if (released.error) refuse(released.error);
  return released.data;
}

async function rename(id: number, title: string): Promise<string> {
  const { response } = await api.GET("/api/v1/jobs/{id}/", { params: { path: { id } } });
  const { data, error } = await api.PATCH("/api/v1/jobs/{id}/", {
    params: { path: { id }, header: { "If-Match": response.headers.get("ETag") ?? "*" } },
    body: { title },
  });
  if (error) refuse(error);
  return `${data.customer.name}: ${data.title}, due ${data.due_date ?? "some day"}`;
}

const access = await signIn("shop", "secret");
api.use({ onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${access}`) });
const job = await order(17, 4, 200, "order-4711");
console.log(job.status, job.part?.number, await rename(job.id, "Brackets"));
console.log((await overdue()).map((each) => each.customer.name), await numbersOnly());
