/** What a site takes from whom. It is part of the route table, so that a change takes no reload. */
export interface Guard {
  /** Addresses and ranges (10.0.0.0/8) of proxies that are believed about their visitors, at the public ports. */
  trusted: readonly string[]
}
