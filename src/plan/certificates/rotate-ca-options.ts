/** What is asked of a rotation of the CA. */
export interface CaRotationOptions {
  /** Consumers that nothing reloads have taken up what they were brought. */
  readonly consumersReady: boolean;
  readonly allowDowntime: boolean;
  /** End the trust in the CA that does not sign any more. */
  readonly finish?: boolean;
  /** Go back to the CA from before the rotation. */
  readonly abort?: boolean;
  /** Who asks for it. */
  readonly by?: string;
  /** How long clients are watched, in seconds. */
  readonly window?: number;
  /** Addresses that may be cut off. */
  readonly accepted?: readonly string[];
}

/** How long clients are watched unless told otherwise, in seconds. */
export const WINDOW = 10;
