"""The GraphQL documents of the sandbox's own example calls. The server also accepts any other document."""

CREATE_DOCUMENT = """mutation OfferRequestCreate($offerRequestCreateInput: OfferRequestCreateInput!) {
  offerRequestCreate(params: $offerRequestCreateInput) {
    offerRequest {
      opendoorOfferRequestId
      offerStatus
      denialInfo {
        code
        explanation
      }
    }
  }
}"""

UPDATE_DOCUMENT = """mutation OfferRequestUpdate($offerRequestUpdateInput: OfferRequestUpdateInput!) {
  offerRequestUpdate(params: $offerRequestUpdateInput) {
    offerRequest {
      opendoorOfferRequestId
      offerStatus
      denialInfo {
        code
        explanation
      }
    }
  }
}"""

READ_DOCUMENT = """query OfferRequest($opendoorOfferRequestId: String!) {
  offerRequest(opendoorOfferRequestId: $opendoorOfferRequestId) {
    opendoorOfferRequestId
    offerStatus
    denialInfo {
      code
      explanation
      deniedAt
    }
    offerData {
      headlinePriceCents
      expirationAt
    }
  }
}"""

PRICING_DOCUMENT = """query OfferRequestWithProductsPricing($opendoorOfferRequestId: String!) {
  offerRequestWithProductsPricing(opendoorOfferRequestId: $opendoorOfferRequestId) {
    opendoorOfferRequestId
    offerStatus
    denialInfo {
      code
    }
    sellDirect {
      offerStatus
      offerData {
        netProceeds
      }
    }
    cnml {
      offerStatus
      offerData {
        upfrontCashCents
        estimatedTotalProceedsCents
      }
    }
  }
}"""
