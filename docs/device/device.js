/**
 * The device of an owner 货主 or a courier 配送员, and what the carrier 承运商 holds, with nothing but WebCrypto: the same as
 * io.jiucang.simulators.device.Device and io.jiucang.simulators.courier.Courier, whose tests compare both.
 *
 * Nothing here asks a network or a page; whoever calls it shows and sends what it returns.
 */

const LIFE_OF_AN_INTENT = 5 * 60;
const SMALLEST_CARRIER_KEY_BITS = 2048;
const CARRIER_KEY_BITS = 3072;
const CARRIER_KEY_LIFE = 90 * 24 * 60 * 60;
const PADDED_TO_BYTES = 512;
const LONGEST_ADDRESS_BYTES = 4096;
const IV_BYTES = 12;
const TAG_BYTES = 16;

// Crockford's Base32: no I, L, O, U, which are misread or misspelt.
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE = new RegExp(`^[${CODE_ALPHABET}]{16}$`);

const RSA_OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' };
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What this device will not do; `reason` is for programs, `message` for people. */
export class Refused extends Error {
  constructor(reason, message) {
    super(message);
    this.name = 'Refused';
    this.reason = reason;
  }
}

export class Device {
  #keys;
  #now;

  /**
   * The first device of a wallet, whose statements statements.js makes.
   *
   * @param environment the system it talks to; what it signs is worth nothing in another
   * @param keys a CryptoKeyPair as `newKeys` made it, perhaps long ago
   * @param now the clock, in milliseconds
   */
  static async create(environment, keys, now = Date.now) {
    const device = new Device();
    device.environment = environment;
    device.#keys = keys;
    device.#now = now;
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey);
    device.kid = await thumbprint({ kty, crv, x, y });
    device.publicJwk = { crv, kty, x, y };
    device.wallet = device.kid;
    return device;
  }

  /** A P-256 key pair whose private half no script can read, this one included; it can be kept in IndexedDB. */
  static newKeys() {
    return crypto.subtle.generateKey(ES256, false, ['sign', 'verify']);
  }

  /** @param account who asks for this device to join their wallet: the subject at the identity provider */
  proofOfPossession(account) {
    return this.sign('register-key', { sub: account });
  }

  /** For an owner who forgot their pickup password 提货密码. */
  pickupPasswordIntent() {
    return this.sign('set-pickup-password', {});
  }

  /**
   * Seals an address for a carrier's eyes: a compact JWE (RFC 7516 section 7.1), A256GCM under a random key, that key wrapped
   * with RSA-OAEP-256 (RFC 7518 sections 4.3 and 5.3). Spaces fill it up, so that its length tells nothing.
   *
   * @param carrierKey one of the carrier's public keys, as JWK
   */
  async seal(address, carrierKey) {
    const wrappingKey = await usableCarrierKey(carrierKey, this.#now());
    const plaintext = padded(address.trim());
    const header = encodeJson({ kid: carrierKey.kid, enc: 'A256GCM', alg: 'RSA-OAEP-256' });
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
    const wrapped = await crypto.subtle.wrapKey('raw', key, wrappingKey, RSA_OAEP);
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = new Uint8Array(
      await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(header) }, key, plaintext),
    );
    const ciphertext = sealed.subarray(0, -TAG_BYTES);
    const tag = sealed.subarray(-TAG_BYTES);
    return [header, encode(wrapped), encode(iv), encode(ciphertext), encode(tag)].join('.');
  }

  /** An intent of any kind, issued now: a compact JWS (RFC 7515) with ES256. */
  async sign(act, claims) {
    const iat = Math.floor(this.#now() / 1000);
    const signed = [
      { kid: this.kid, alg: 'ES256' },
      {
        iss: this.environment,
        act,
        sub: this.wallet,
        ...claims,
        jti: crypto.randomUUID(),
        iat,
        exp: iat + LIFE_OF_AN_INTENT,
      },
    ]
      .map(encodeJson)
      .join('.');
    // WebCrypto's signature is r and s side by side, which is JWS's form of it (RFC 7518 section 3.4).
    return `${signed}.${encode(await crypto.subtle.sign(ES256, this.#keys.privateKey, utf8(signed)))}`;
  }
}

/** The carrier's side: the private key that alone opens what was sealed for it. */
export class Carrier {
  #privateKey;

  static async create(now = Date.now) {
    const carrier = new Carrier();
    const keys = await crypto.subtle.generateKey(
      { ...RSA_OAEP, modulusLength: CARRIER_KEY_BITS, publicExponent: new Uint8Array([1, 0, 1]) },
      false,
      ['wrapKey', 'unwrapKey'],
    );
    carrier.#privateKey = keys.privateKey;
    const { kty, n, e } = await crypto.subtle.exportKey('jwk', keys.publicKey);
    const nbf = Math.floor(now() / 1000);
    const kid = await thumbprint({ kty, n, e });
    carrier.publicJwk = { kty, e, use: 'enc', kid, alg: 'RSA-OAEP-256', nbf, exp: nbf + CARRIER_KEY_LIFE, n };
    return carrier;
  }

  /** Opens a sealed address; refuses one that was changed, cut short, or is for another key. */
  async readAddress(sealed) {
    const parts = sealed.split('.');
    const [headerBytes, wrapped, iv, ciphertext, tag] = parts.map(decode);
    if (parts.length !== 5 || iv.length !== IV_BYTES || tag.length !== TAG_BYTES) {
      throw new Refused('ENVELOPE_MALFORMED', 'it is not a compact JWE');
    }
    const header = headerOf(headerBytes);
    const names = Object.keys(header).sort().join();
    if (names !== 'alg,enc,kid' || header.alg !== 'RSA-OAEP-256' || header.enc !== 'A256GCM') {
      throw new Refused('ENVELOPE_MALFORMED', 'its header is not RSA-OAEP-256, A256GCM and kid, and nothing else');
    }
    if (header.kid !== this.publicJwk.kid) {
      throw new Refused('ENVELOPE_FOR_ANOTHER_KEY', 'it is for none of the keys of this carrier');
    }
    try {
      const key = await crypto.subtle.unwrapKey(
        'raw', wrapped, this.#privateKey, RSA_OAEP, { name: 'AES-GCM' }, false, ['decrypt'],
      );
      const plaintext = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv, additionalData: utf8(parts[0]) }, key, new Uint8Array([...ciphertext, ...tag]),
      );
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext).replace(/ +$/, '');
    } catch {
      throw new Refused('ENVELOPE_UNREADABLE', 'it does not open: changed, cut short or sealed for another key');
    }
  }
}

/** A new handover code 收货码 for each token: 80 random bits. Whoever has one may burn its token. */
export function newHandoverCodes(tokens) {
  return Object.fromEntries(tokens.map((token) => [token, newHandoverCode()]));
}

function newHandoverCode() {
  // 32 divides 256: the remainder is as random as the byte.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => CODE_ALPHABET[byte % 32]).join('');
}

/** Reads what a person wrote or said: case, hyphens and spaces do not matter, nor do O for 0, I and L for 1. */
export function parseHandoverCode(text) {
  const code = text.toUpperCase().replace(/[- ]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!CODE.test(code)) {
    throw new Refused('HANDOVER_CODE_MALFORMED', 'not a handover code of 16 characters');
  }
  return code;
}

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export async function sha256(text) {
  return hex(await digest(text));
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** RFC 7638 thumbprint of a public RSA or EC key. */
export async function thumbprint(jwk) {
  const members = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'] }[jwk.kty];
  // The order is the RFC's: the digest is of this text.
  return encode(await digest(JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])))));
}

/** What a compact JWS says, without asking who says it: `{header, claims}`. */
export function readJws(jws) {
  const [header, claims] = jws.split('.', 2).map((part) => JSON.parse(new TextDecoder().decode(decode(part))));
  return { header, claims };
}

async function usableCarrierKey(jwk, now) {
  const { kty, n, e } = jwk;
  refuseUnless(kty === 'RSA' && n && e, 'CARRIER_KEY_MALFORMED', 'not an RSA JWK');
  refuseUnless(!('d' in jwk), 'CARRIER_KEY_PRIVATE', 'a private key, which the carrier should have kept');
  // The platform's events name the kid: so they show for which key it was, even if it was a false one.
  refuseUnless(jwk.kid === await thumbprint(jwk), 'CARRIER_KEY_MALFORMED', 'under a kid that is not its thumbprint');
  refuseUnless(jwk.alg === 'RSA-OAEP-256', 'CARRIER_KEY_MALFORMED', 'not for RSA-OAEP-256');
  refuseUnless(jwk.nbf * 1000 <= now, 'CARRIER_KEY_NOT_VALID', 'not valid yet');
  refuseUnless(now < jwk.exp * 1000, 'CARRIER_KEY_NOT_VALID', 'not valid any more');
  let key;
  try {
    key = await crypto.subtle.importKey('jwk', { kty, n, e }, RSA_OAEP, false, ['wrapKey']);
  } catch {
    throw new Refused('CARRIER_KEY_MALFORMED', "the carrier's key is not an RSA JWK");
  }
  const bits = key.algorithm.modulusLength;
  refuseUnless(bits >= SMALLEST_CARRIER_KEY_BITS, 'CARRIER_KEY_MALFORMED', `shorter than ${SMALLEST_CARRIER_KEY_BITS} bits`);
  return key;
}

function refuseUnless(condition, reason, otherwise) {
  if (!condition) {
    throw new Refused(reason, `the carrier's key is ${otherwise}`);
  }
}

function padded(address) {
  const bytes = utf8(address);
  if (bytes.length === 0 || bytes.length > LONGEST_ADDRESS_BYTES) {
    throw new Refused('ADDRESS_LENGTH', `an address has 1 to ${LONGEST_ADDRESS_BYTES} bytes`);
  }
  const filled = new Uint8Array(Math.ceil(bytes.length / PADDED_TO_BYTES) * PADDED_TO_BYTES).fill(0x20);
  filled.set(bytes);
  return filled;
}

function headerOf(bytes) {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new Refused('ENVELOPE_MALFORMED', 'its header is not JSON');
  }
}

async function digest(text) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

/** A part of a JWS or JWE: Base64url (RFC 7515 section 2) of JSON. */
export function encodeJson(value) {
  return encode(utf8(JSON.stringify(value)));
}

export function encode(bytes) {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/**
 * The bytes of Base64url. Only its canonical form is taken: or else the last bits could be changed, and one envelope would
 * have many texts and hashes.
 */
export function decode(text) {
  if (/^[\w-]*$/.test(text) && text.length % 4 !== 1) {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    if (encode(bytes) === text) {
      return bytes;
    }
  }
  throw new Refused('ENVELOPE_MALFORMED', 'it is not in canonical Base64url');
}
