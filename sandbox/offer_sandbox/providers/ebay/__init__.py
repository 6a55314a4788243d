"""eBay's Sell Negotiation API with its token endpoint. The entry point is the `provider` module."""
