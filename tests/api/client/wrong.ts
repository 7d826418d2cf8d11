/* What must not compile: each line below one that says so is an error, or the check fails. */

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

const api = createClient<paths, "application/json">();

// @ts-expect-error - a job is of a customer
await api.POST("/api/v1/jobs/", { body: { quantity: 1 } });
// @ts-expect-error - a change names the version it is of
await api.PATCH("/api/v1/jobs/{id}/", { params: { path: { id: 1 } }, body: { title: "x" } });
// @ts-expect-error - there is no such state
await api.GET("/api/v1/jobs/", { params: { query: { status: ["finished"] } } });
// @ts-expect-error - nor such a parameter
await api.GET("/api/v1/jobs/", { params: { query: { colour: "red" } } });
// @ts-expect-error - a job may have no part
export const number = (job: components["schemas"]["Job"]): string => job.part.number;
