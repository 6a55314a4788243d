"""eBay's Sell Negotiation API with its token endpoint; `card` is the way in."""
