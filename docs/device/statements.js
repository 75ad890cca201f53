/**
 * What an owner's wallet and a courier's phone say, with nothing but WebCrypto: the same as io.jiucang.simulators.device.Wallet
 * and io.jiucang.simulators.courier.Phone, in the one form that docs/statements.md describes. All are held to the vectors of
 * docs/statements.json.
 *
 * Times are whole seconds since 1970, amounts fen, hashes lower-case hex, keys JWKs.
 */

import { encode, encodeJson, hex, parseHandoverCode, sha256, thumbprint } from './device.js';

const LIFE = 5 * 60;
const JTI_BYTES = 16;
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };

class Speaker {
  #keys;
  #now;

  /**
   * @param origin the ledger's; what is said to one installation counts in no other
   * @param keys a CryptoKeyPair as `Device.newKeys` made it
   * @param id the thumbprint of a wallet's first key; without it, that key is this one, as a phone's only key is
   * @param now the clock, in milliseconds
   */
  static async create(origin, keys, id, now = Date.now) {
    const speaker = new this();
    speaker.origin = origin;
    speaker.#keys = keys;
    speaker.#now = now;
    speaker.publicKey = members(await crypto.subtle.exportKey('jwk', keys.publicKey));
    speaker.kid = await thumbprint(speaker.publicKey);
    speaker.id = id ?? speaker.kid;
    return speaker;
  }

  /** A statement, made now: a compact JWS with ES256 in its one form. */
  async say(act, claims, life) {
    const iat = Math.floor(this.#now() / 1000);
    const jti = encode(crypto.getRandomValues(new Uint8Array(JTI_BYTES)));
    const ending = life ? { exp: iat + life } : {};
    const signed = [
      { alg: 'ES256', kid: this.kid, typ: `jiucang-${act}-v1` },
      { ...claims, iss: this.origin, sub: this.id, jti, iat, ...ending },
    ]
      .map((part) => encodeJson(sorted(part)))
      .join('.');
    const signature = await crypto.subtle.sign(ES256, this.#keys.privateKey, new TextEncoder().encode(signed));
    return `${signed}.${encode(signature)}`;
  }
}

export class Wallet extends Speaker {
  /** @param recovery the thumbprint of the only key that could ever recover it; without it, none can */
  birth(recovery) {
    return this.say('wallet-birth', { key: this.publicKey, recovery: recovery ? [recovery] : [] });
  }

  /** Lets another device's key in. */
  keyEndorsement(key) {
    return this.say('key-endorsement', { key: members(key) });
  }

  /** @param key its thumbprint */
  keyRevocation(key) {
    return this.say('key-revocation', { key });
  }

  /**
   * @param offer the offer's statement id
   * @param fen the offer's price times the quantity
   * @param agreement the hash of the custody agreement the owner accepts: the offer's
   */
  order(offer, quantity, fen, agreement, payBy) {
    return this.say('order', { offer, quantity, total: { currency: 'CNY', minorUnits: fen }, agreement, payBy });
  }

  orderCancellation(order) {
    return this.say('order-cancellation', { order });
  }

  /**
   * Of the address and of the codes it says no more than their hashes.
   *
   * @param carrier its id in the directory
   * @param sealed the address as `Device.seal` gave it
   * @param codes by token, as `newHandoverCodes` made them; they are the tokens of the pickup
   * @param until not shipped by then, the hold ends
   */
  async pickup(pickup, carrier, sealed, codes, until) {
    const hashlocks = {};
    for (const [token, code] of Object.entries(codes)) {
      hashlocks[token] = await hashlock(pickup, token, code);
    }
    return this.say('pickup', { pickup, carrier, envelope: await sha256(sealed), hashlocks, until });
  }

  pickupCancellation(hold) {
    return this.say('pickup-cancellation', { hold });
  }

  /** The price of cases that were lost, rather than to wait until they are found. */
  moneyBack(order, tokens) {
    return this.say('money-back', { order, tokens: [...new Set(tokens)].sort() });
  }

  say(act, claims) {
    return super.say(act, claims, LIFE);
  }
}

/** A courier's phone: a carrier's terminal 终端. */
export class Phone extends Speaker {
  /**
   * The recipient, whose age was checked, has the cases.
   *
   * @param hold made from the owner's statement
   * @param codes by token, as they gave them
   */
  delivery(hold, codes) {
    return this.say('delivery', { hold, codes, ageChecked: true });
  }
}

/** The hashlock that a handover code opens, for this token of this pickup alone. */
export function hashlock(pickup, token, code) {
  return sha256(['jiucang-hashlock-v1', pickup, token, parseHandoverCode(code)].join('|'));
}

/** What a statement is known by: the SHA-256 of its signing input; the signature, which others can change, has no part in it. */
export function statementId(jws) {
  return sha256(jws.slice(0, jws.lastIndexOf('.')));
}

/**
 * The id of what a statement begins: UUIDv8 (RFC 9562 section 5.8) of the first 16 bytes of SHA-256(kind, 0x00, id).
 *
 * @param kind `plan` or `vault` of an offer, `order` or `payment` of an order, `hold` of a pickup
 */
export async function madeId(kind, jws) {
  const id = (await statementId(jws)).match(/../g).map((byte) => parseInt(byte, 16));
  const input = new Uint8Array([...new TextEncoder().encode(kind), 0, ...id]);
  const uuid = new Uint8Array(await crypto.subtle.digest('SHA-256', input)).subarray(0, 16);
  uuid[6] = (uuid[6] & 0x0f) | 0x80;
  uuid[8] = (uuid[8] & 0x3f) | 0x80;
  return hex(uuid).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Exactly what its thumbprint is taken over. */
function members({ crv, kty, x, y }) {
  return { crv, kty, x, y };
}

/**
 * The same with members in the order of their names, at every depth. No name is a whole number, which JavaScript would put
 * before the others.
 */
function sorted(value) {
  if (Array.isArray(value) || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
