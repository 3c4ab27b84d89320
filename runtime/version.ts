/**
 * Owns the dates and numbers by which a version of the API is known.
 * Must not know what changed between them.
 */

/** Echoed as `Holdfast-Version`; a later date adds, and never takes away. */
export const API_VERSION = '2026-11-21';
