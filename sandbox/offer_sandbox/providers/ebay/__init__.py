"""eBay's Sell Negotiation API with its token endpoint; `provider` is the way in."""
