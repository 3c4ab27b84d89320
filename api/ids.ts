/**
 * Owns making ids: a prefix that says the kind, and a part that sorts by time.
 * Must not know where they are kept.
 */
import { typeid } from 'typeid-js';

type Prefix = 'acc' | 'clk' | 'cmd' | 'dst' | 'esc' | 'mil' | 'pay' | 'pty' | 'req' | 'wdr' | 'whe';

/** A new id, `acc_01k…`. */
export const newId = <P extends Prefix>(prefix: P): `${P}_${string}` =>
  `${prefix}_${typeid(prefix).getSuffix()}`;
