/** Shows what device.js does, step by step. What it keeps: the device's key pair in IndexedDB, the language in localStorage. */

import {
  Carrier, Device, Refused, decode, encodeJson, newHandoverCodes, parseHandoverCode, readJws, sha256, thumbprint,
} from './device.js';
import { Phone, Wallet, hashlock, madeId } from './statements.js';

const REFUSALS_IN_CHINESE = {
  ADDRESS_LENGTH: '地址须为 1 至 4096 字节',
  CARRIER_KEY_MALFORMED: '这不是承运商可用的公钥',
  CARRIER_KEY_PRIVATE: '这是私钥，承运商本不该交出来',
  CARRIER_KEY_NOT_VALID: '承运商的公钥尚未生效或已过期',
  ENVELOPE_MALFORMED: '这不是合格的加密地址',
  ENVELOPE_FOR_ANOTHER_KEY: '它不是为这家承运商的钥匙封的',
  ENVELOPE_UNREADABLE: '打不开：被改过、被截断，或是为另一把钥匙封的',
  HANDOVER_CODE_MALFORMED: '收货码应为 16 个字符',
  TOKENS_MISSING: '至少写一个通证',
};

const JWS_PARTS = [['头部', 'header'], ['声明', 'claims'], ['签名', 'signature']];
const JWE_PARTS = [
  ['头部', 'header'], ['包住的密钥', 'wrapped key'], ['初始向量', 'IV'], ['密文', 'ciphertext'], ['认证标签', 'tag'],
];

const $ = (id) => document.getElementById(id);

let device;
let wallet;
let orderId;
let carrier;
let authorised;

// ---- what is shown

function el(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Both languages; the page's style shows one. */
function text(zh, en) {
  const chinese = el('span', { lang: 'zh' }, zh);
  const english = el('span', { lang: 'en' }, en);
  chinese.dataset.zh = '';
  english.dataset.en = '';
  return el('span', {}, chinese, english);
}

function heading(zh, en) {
  return el('h3', {}, text(zh, en));
}

function mono(value) {
  return el('span', { className: 'mono' }, value);
}

function json(value) {
  return el('pre', {}, JSON.stringify(value, null, 2));
}

function list(...rows) {
  return el('dl', {}, ...rows.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]));
}

/** Compact serialisation, each part in its colour. */
function compact(value, names) {
  const shown = el('pre', { className: 'parts' });
  value.split('.').forEach((part, index) => shown.append(index === 0 ? '' : '.', el('span', {}, part)));
  return el('div', {}, el('ul', { className: 'key' }, ...names.map((name) => el('li', {}, text(...name)))), shown);
}

function jws(value) {
  const { header, claims } = readJws(value);
  return el(
    'div', {}, json(claims),
    el('details', {}, el('summary', {}, text('签名后的样子（JWS）', 'As signed (JWS)')), json(header), compact(value, JWS_PARTS)),
  );
}

function good(zh, en) {
  return el('p', { className: 'good' }, '✓ ', text(zh, en));
}

function bad(zh, en) {
  return el('p', { className: 'bad' }, '✗ ', text(zh, en));
}

function refusal(error) {
  return bad(REFUSALS_IN_CHINESE[error.reason] ?? error.message, error.message);
}

function grouped(code) {
  return el('span', { className: 'mono code' }, code.match(/.{4}/g).join('-'));
}

/** Runs a step and shows its result, or why it was refused. */
async function show(output, step) {
  try {
    output.replaceChildren(...[await step()].flat());
    return true;
  } catch (error) {
    if (!(error instanceof Refused || error instanceof DOMException)) {
      output.replaceChildren(bad('程序出错', String(error)));
      throw error;
    }
    output.replaceChildren(refusal(error));
    return false;
  }
}

function enable(form, enabled) {
  form.querySelector('fieldset').disabled = !enabled;
}

// ---- the key pair, kept by the browser

function inStore(mode, use) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('jiucang-device', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('keys', mode);
      const request = use(transaction.objectStore('keys'));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    };
  });
}

const keptKeys = () => inStore('readonly', (store) => store.get('device'));
const keepKeys = (keys) => inStore('readwrite', (store) => store.put(keys, 'device'));
const forgetKeys = () => inStore('readwrite', (store) => store.delete('device'));

// ---- the steps

async function useKeys(keys) {
  device = await Device.create($('environment').value.trim(), keys);
  wallet = await Wallet.create($('origin').value.trim(), keys);
  for (const form of [$('order-form'), $('pickup-form')]) {
    enable(form, true);
  }
  $('export').disabled = $('forget').disabled = false;
  $('export').onclick = () => show($('export-result'), async () => {
    try {
      await crypto.subtle.exportKey('pkcs8', keys.privateKey);
      return bad('取出来了！', 'It came out!');
    } catch (error) {
      return good(`浏览器拒绝：${error.message}`, `The browser refuses: ${error.message}`);
    }
  });
  return [
    heading('公钥（JWK）', 'Public key (JWK)'), json(device.publicJwk),
    list([text('指纹（RFC 7638），即钱包的编号', "Its thumbprint (RFC 7638), the wallet's id"), mono(device.wallet)]),
    heading('钱包的出生声明，会进账本', "The wallet's birth, which goes into the ledger"), jws(await wallet.birth()),
    heading('给账户的持有证明，不进账本', 'Proof of possession for the account, which does not'),
    jws(await device.proofOfPossession($('account').value.trim())),
  ];
}

function makeKey() {
  return show($('key-result'), async () => {
    // The one that was made before is shown with what is in the fields now.
    const keys = (await keptKeys()) ?? (await Device.newKeys());
    await keepKeys(keys);
    return useKeys(keys);
  });
}

async function forgetKey() {
  await forgetKeys();
  for (const form of [$('order-form'), $('pickup-form')]) {
    enable(form, false);
  }
  $('export').disabled = $('forget').disabled = $('cancel').disabled = true;
  for (const output of document.querySelectorAll('output')) {
    output.replaceChildren();
  }
  closeLaterSteps();
}

/** What they show would be of an envelope that is no more. */
function closeLaterSteps() {
  $('seen').hidden = true;
  $('seen-before').hidden = false;
  $('door-codes').replaceChildren();
  $('door-result').replaceChildren();
  enable($('door-form'), false);
}

function signOrder() {
  return show($('order-result'), async () => {
    const statement = await wallet.order(
      $('offer').value.trim(),
      $('quantity').valueAsNumber,
      $('total').valueAsNumber,
      await sha256($('agreement').value),
      Math.floor(Date.now() / 1000) + 60 * $('minutes').valueAsNumber,
    );
    orderId = await madeId('order', statement);
    $('cancel').disabled = false;
    $('cancel-result').replaceChildren();
    return [
      jws(statement),
      list(
        [text('订单的编号，由声明算出', "The order's id, made from the statement"), mono(orderId)],
        [
          text('微信支付的商户订单号', "WeChat Pay's out_trade_no"),
          mono((await madeId('payment', statement)).replaceAll('-', '')),
        ],
      ),
    ];
  });
}

function cancelOrder() {
  return show($('cancel-result'), async () => [
    heading('取消声明', 'The cancellation'), jws(await wallet.orderCancellation(orderId)),
  ]);
}

async function carrierKey() {
  if (document.querySelector('[name=carrier-key]:checked').value === 'demo') {
    carrier ??= await Carrier.create();
    return carrier.publicJwk;
  }
  try {
    const pasted = JSON.parse($('carrier-jwk').value) ?? {};
    return pasted.keys?.[0] ?? pasted;
  } catch {
    throw new Refused('CARRIER_KEY_MALFORMED', "the carrier's key is not JSON");
  }
}

function authorisePickup() {
  closeLaterSteps();
  return show($('pickup-result'), async () => {
    const tokens = $('tokens').value.split(/\s+/).filter(Boolean);
    if (tokens.length === 0) {
      throw new Refused('TOKENS_MISSING', 'name at least one token');
    }
    const key = await carrierKey();
    const address = $('address').value;
    const sealed = await device.seal(address, key);
    const codes = newHandoverCodes(tokens);
    const statement = await wallet.pickup(
      $('pickup').value.trim(),
      $('carrier').value.trim(),
      sealed,
      codes,
      Math.floor(Date.now() / 1000) + 24 * 60 * 60 * $('days').valueAsNumber,
    );
    const hold = await madeId('hold', statement);
    authorised = { address: address.trim(), key, sealed, codes, statement, hold };
    showParties();
    showDoor();
    return [
      heading('承运商公钥的指纹', "The carrier's key, its thumbprint"),
      el('p', { className: 'hint' }, text(
        '请与承运商自己公布的核对。', 'To be compared with the one the carrier itself publishes.')),
      mono(await thumbprint(key)),
      heading('加密地址（JWE）', 'The envelope (JWE)'), compact(sealed, JWE_PARTS),
      list([text('它的 SHA-256，即声明里的 envelope', 'Its SHA-256, which the statement calls envelope'), mono(await sha256(sealed))]),
      heading('收货码，只给收货人', 'Handover codes, for the recipient alone'),
      list(...Object.entries(codes).map(([token, code]) => [mono(token), grouped(code)])),
      heading('提货声明', 'The statement'), jws(statement),
      list([text('持有的编号，由声明算出', "The hold's id, made from the statement"), mono(hold)]),
      heading('反悔时的取消声明', 'The cancellation, if the owner thinks better of it'), jws(await wallet.pickupCancellation(hold)),
    ];
  });
}

function showParties() {
  const { address, sealed, codes, statement } = authorised;
  const { claims } = readJws(statement);
  $('owner-sees').replaceChildren(list(
    [text('地址', 'Address'), address],
    [text('收货码', 'Handover codes'), el('span', {}, ...Object.values(codes).map((code) => el('div', {}, grouped(code))))],
  ));
  $('platform-sees').replaceChildren(list(
    [text('加密地址', 'Envelope'), mono(`${sealed.slice(0, 40)}… (${sealed.length})`)],
    [text('它的哈希', 'Its hash'), mono(claims.envelope)],
    [text('承运商、通证', 'Carrier, tokens'), mono([claims.carrier, ...Object.keys(claims.hashlocks)].join(' '))],
    [text('收货码的哈希', 'Hashes of the codes'), mono(Object.values(claims.hashlocks).join(' '))],
  ));
  $('search-result').replaceChildren();
  $('open-result').replaceChildren();
  for (const button of [$('open'), $('open-changed'), $('open-other')]) {
    button.disabled = authorised.key !== carrier?.publicJwk;
  }
  if ($('open').disabled) {
    $('open-result').replaceChildren(el('p', { className: 'hint' }, text(
      '这把公钥的私钥不在本页：只有承运商打得开。', 'The private key is not in this page: only the carrier can open it.')));
  }
  $('seen').hidden = false;
  $('seen-before').hidden = true;
}

/** All the platform is sent, as text and as the bytes that its Base64url stands for; one character each. */
function platformHolds() {
  const sent = [authorised.sealed, authorised.statement];
  const decoded = sent.flatMap((each) => each.split('.')).map((part) => byteString(decode(part)));
  return [...sent, ...decoded].join('\n');
}

function byteString(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function searchPlatform() {
  return show($('search-result'), () => {
    const held = platformHolds();
    const holds = (needle) => held.includes(byteString(new TextEncoder().encode(needle)));
    // The search itself is put to the test: what is there must be found.
    if (!holds(readJws(authorised.statement).claims.envelope)) {
      throw new Error('the search finds nothing at all');
    }
    const found = [authorised.address, ...Object.values(authorised.codes)].filter(holds);
    return found.length === 0
      ? good(`${held.length} 字节里，地址和收货码都没有`, `Not in any of its ${held.length} bytes`)
      : bad(`找到了：${found.join(' ')}`, `Found: ${found.join(' ')}`);
  });
}

function openEnvelope(reader, sealed) {
  return show($('open-result'), async () => [
    good('打开了：', 'It opens:'), el('p', {}, await reader.readAddress(sealed)),
  ]);
}

/** In the middle of the ciphertext. */
function withOneCharacterChanged(sealed) {
  const parts = sealed.split('.');
  const middle = Math.floor(parts[3].length / 2);
  parts[3] = parts[3].slice(0, middle) + (parts[3][middle] === 'A' ? 'B' : 'A') + parts[3].slice(middle + 1);
  return parts.join('.');
}

/** Under a header that names their own key, so that they get as far as they can. */
async function openAsAnother() {
  const other = await Carrier.create();
  const header = encodeJson({ kid: other.publicJwk.kid, enc: 'A256GCM', alg: 'RSA-OAEP-256' });
  return openEnvelope(other, [header, ...authorised.sealed.split('.').slice(1)].join('.'));
}

function showDoor() {
  $('door-codes').replaceChildren(...Object.keys(authorised.codes).map((token, index) => {
    const code = el('input', { id: `code-${index}`, className: 'mono', autocomplete: 'off', spellcheck: false });
    return el(
      'div', {}, el('label', { htmlFor: code.id }, text(`第 ${index + 1} 箱的收货码`, `Handover code of case ${index + 1}`)), code,
    );
  }));
  enable($('door-form'), true);
}

function giveCodes() {
  Object.values(authorised.codes).forEach((code, index) => {
    $(`code-${index}`).value = code.match(/.{4}/g).join('-');
  });
}

function handOver() {
  return show($('door-result'), async () => {
    const { claims } = readJws(authorised.statement);
    const results = [];
    const given = {};
    for (const [index, token] of Object.keys(authorised.codes).entries()) {
      const written = $(`code-${index}`).value.trim();
      const zh = `第 ${index + 1} 箱`;
      const en = `Case ${index + 1}`;
      if (!written) {
        results.push(el('p', { className: 'quiet' }, '– ', text(
          `${zh}：没有给收货码，通证不会销毁`, `${en}: no code given, so its token is not burned`)));
      } else if (await hashlock(claims.pickup, token, written) === claims.hashlocks[token]) {
        results.push(good(`${zh}：哈希与货主签过的一致`, `${en}: the code's hash is the one the owner signed`));
        given[token] = parseHandoverCode(written);
      } else {
        results.push(bad(`${zh}：收货码不对，通证不会销毁`, `${en}: the wrong code, so its token is not burned`));
      }
    }
    if (Object.keys(given).length > 0) {
      const phone = await Phone.create(wallet.origin, await Device.newKeys());
      results.push(heading('交付声明', "The courier's statement"), jws(await phone.delivery(authorised.hold, given)));
    }
    return results;
  });
}

async function walkThrough() {
  for (const step of [makeKey, signOrder, authorisePickup, searchPlatform]) {
    if (!await step()) {
      return;
    }
  }
  if (!$('open').disabled) {
    await openEnvelope(carrier, authorised.sealed);
  }
  giveCodes();
  await handOver();
}

function speak(language) {
  document.documentElement.lang = language;
  localStorage.setItem('language', language);
}

// ---- wiring

function onSubmit(form, step) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    step();
  });
}

onSubmit($('key-form'), makeKey);
onSubmit($('order-form'), signOrder);
$('cancel').onclick = cancelOrder;
onSubmit($('pickup-form'), authorisePickup);
onSubmit($('door-form'), handOver);
$('forget').onclick = forgetKey;
$('search').onclick = searchPlatform;
$('open').onclick = () => openEnvelope(carrier, authorised.sealed);
$('open-changed').onclick = () => openEnvelope(carrier, withOneCharacterChanged(authorised.sealed));
$('open-other').onclick = openAsAnother;
$('give').onclick = giveCodes;
$('all').onclick = walkThrough;
$('language').onclick = () => speak(document.documentElement.lang.startsWith('zh') ? 'en' : 'zh-CN');
for (const choice of document.querySelectorAll('[name=carrier-key]')) {
  choice.onchange = () => {
    $('carrier-jwk').hidden = choice.value !== 'pasted';
  };
}

speak(localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en'));
$('not-running').hidden = true;
$('all').disabled = false;
if (location.hash === '#all') {
  walkThrough();
} else {
  const keys = await keptKeys();
  if (keys) {
    await show($('key-result'), () => useKeys(keys));
  }
}
