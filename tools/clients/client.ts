// Calls each provider with the types of its document: one call that succeeds, one that is refused.
import createClient from "openapi-fetch";
import type { paths as Covent } from "./covent.js";
import type { paths as Ebay } from "./ebay.js";
import type { paths as EstatePrime } from "./estateprime.js";
import type { paths as Opendoor } from "./opendoor.js";
import type { paths as Sibi } from "./sibi.js";

const baseUrl = process.argv[2];
const bearer = { Authorization: "Bearer sbx_typescript" };

function show(provider: string, good: { response: Response }, refused: { response: Response; error?: unknown }) {
  const error = JSON.stringify(refused.error ?? null);
  console.log(JSON.stringify({ provider, good: good.response.status, refused: refused.response.status, error }));
}

const ebay = createClient<Ebay>({ baseUrl, headers: bearer });
const marketplace = { "X-EBAY-C-MARKETPLACE-ID": "EBAY_US" as const };
show(
  "ebay",
  await ebay.GET("/sell/negotiation/v1/find_eligible_items", { params: { header: marketplace, query: { limit: 2 } } }),
  await ebay.POST("/sell/negotiation/v1/send_offer_to_interested_buyers", {
    params: { header: marketplace },
    body: { offeredItems: [{ listingId: "110000150011", discountPercentage: "10" }] },
  }),
);

const covent = createClient<Covent>({ baseUrl, headers: bearer });
const offer = { individual_id: "ind_123", amount: 372000, terms: {}, notes: "" };
show(
  "covent",
  await covent.POST("/api/v1/offers", { body: { ...offer, listing_id: "lst_123" } }),
  await covent.POST("/api/v1/offers", { body: { ...offer, listing_id: "lst_123", amount: 0 } }),
);

const sibi = createClient<Sibi>({ baseUrl, headers: bearer });
const buyout = (id: string) =>
  sibi.POST("/offers/{id}/buyout", { params: { path: { id } }, body: { buyoutAmount: 45000 } });
show("sibi", await buyout("offer-123"), await buyout("nobody"));

const keys = { Authorization: `Basic ${btoa("sbx_typescript:secret")}`, "Content-Type": "application/json" };
const estatePrime = createClient<EstatePrime>({ baseUrl, headers: keys });
const read = (id: number) => estatePrime.GET("/api/offers/{id}", { params: { path: { id } } });
show("estateprime", await read(54), await read(99999));

const query = (headers: Record<string, string>) =>
  createClient<Opendoor>({ baseUrl, headers }).POST("/graphql", { body: { query: "{ __typename }" } });
show("opendoor", await query({ Authorization: "Basic sbx_typescript" }), await query({}));
