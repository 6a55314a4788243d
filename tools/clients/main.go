// Calls each provider with the Go clients of openapi-generator: one call that succeeds, one that is refused.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"clients/covent"
	"clients/ebay"
	"clients/estateprime"
	"clients/opendoor"
	"clients/sibi"
)

const key = "sbx_go"

func show(provider string, good, refused *http.Response, err error) {
	text := ""
	if failed, ok := err.(interface{ Body() []byte }); ok {
		text = string(failed.Body())
	}
	line, _ := json.Marshal(map[string]any{
		"provider": provider, "good": good.StatusCode, "refused": refused.StatusCode, "error": text,
	})
	fmt.Println(string(line))
}

func main() {
	url, ctx := os.Args[1], context.Background()

	ebayKeys := ebay.NewConfiguration()
	ebayKeys.Servers = ebay.ServerConfigurations{{URL: url}}
	ebayKeys.AddDefaultHeader("Authorization", "Bearer "+key)
	offers := ebay.NewAPIClient(ebayKeys).OffersAPI
	_, good, _ := offers.FindEligibleItems(ctx).XEBAYCMARKETPLACEID("EBAY_US").Limit(2).Execute()
	item := ebay.NewOfferedItemRequest("110000150011")
	item.SetDiscountPercentage("10")
	body := ebay.NewCreateOffersRequest([]ebay.OfferedItemRequest{*item})
	_, refused, err := offers.SendOfferToInterestedBuyers(ctx).XEBAYCMARKETPLACEID("EBAY_US").CreateOffersRequest(*body).Execute()
	show("ebay", good, refused, err)

	coventKeys := covent.NewConfiguration()
	coventKeys.Servers = covent.ServerConfigurations{{URL: url}}
	coventKeys.AddDefaultHeader("Authorization", "Bearer "+key)
	deals := covent.NewAPIClient(coventKeys).OffersAPI
	create := func(listing string) (*http.Response, error) {
		offer := covent.NewCreateOfferRequest(listing, "ind_123", 372000, *covent.NewCreateOfferRequestTerms(), "")
		_, response, err := deals.CreateOffer(ctx).CreateOfferRequest(*offer).Execute()
		return response, err
	}
	good, _ = create("lst_123")
	refused, err = create("lst_nobody")
	show("covent", good, refused, err)

	sibiKeys := sibi.NewConfiguration()
	sibiKeys.Servers = sibi.ServerConfigurations{{URL: url}}
	sibiKeys.AddDefaultHeader("Authorization", "Bearer "+key)
	homes := sibi.NewAPIClient(sibiKeys).OffersAPI
	amount := *sibi.NewBuyoutAmount(45000)
	_, good, _ = homes.UpdateOfferBuyoutAmount(ctx, "offer-123").BuyoutAmount(amount).Execute()
	_, refused, err = homes.UpdateOfferBuyoutAmount(ctx, "nobody").BuyoutAmount(amount).Execute()
	show("sibi", good, refused, err)

	primeKeys := estateprime.NewConfiguration()
	primeKeys.Servers = estateprime.ServerConfigurations{{URL: url}}
	pair := base64.StdEncoding.EncodeToString([]byte(key + ":secret"))
	primeKeys.AddDefaultHeader("Authorization", "Basic "+pair)
	primeKeys.AddDefaultHeader("Content-Type", "application/json")
	prime := estateprime.NewAPIClient(primeKeys).OffersAPI
	_, good, _ = prime.GetOffer(ctx, 54).Execute()
	_, refused, err = prime.GetOffer(ctx, 99999).Execute()
	show("estateprime", good, refused, err)

	doorKeys := opendoor.NewConfiguration()
	doorKeys.Servers = opendoor.ServerConfigurations{{URL: url}}
	doorKeys.AddDefaultHeader("Authorization", "Basic "+key)
	door := opendoor.NewAPIClient(doorKeys).GraphQLAPI
	_, good, _ = door.Graphql(ctx).GraphQLRequest(*opendoor.NewGraphQLRequest("{ __typename }")).Execute()
	delete(doorKeys.DefaultHeader, "Authorization")
	_, refused, err = door.Graphql(ctx).GraphQLRequest(*opendoor.NewGraphQLRequest("{ __typename }")).Execute()
	show("opendoor", good, refused, err)
}
