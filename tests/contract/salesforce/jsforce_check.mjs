#!/usr/bin/env node
// A judge for an org that speaks Salesforce's REST API: jsforce 3.10.16, a client that is not ours, works against it unchanged.
//   JSFORCE=FOLDER jsforce_check.mjs BASE_URL --user U [--password P] [--client-id C --key PEM_FILE] [--api 59.0]
//                     [--external-id ExternalId__c] [--skip WORD,…] [--only WORD,…] [--json]
// FOLDER holds node_modules (scripts/servers/jsforce.sh). One line a step; exit 0: all passed, 1: some failed, 2: not usable.
// It needs Account (Name), Order (AccountId, EffectiveDate, Status, Description, a unique external id field) and, unless "--skip catalog",
// the catalog's Product2, CatalogEntity__c and CatalogDelta__c (docs/guide/crm.md; not in an org that publishes one, whose newest delta
// would be one of these for a moment). It makes about 800 records marked with a run number and deletes them again. Steps whose credentials are not given are skipped, and said to be.
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const VERSION = '3.10.16';
const usage = () => { for (const l of readFileSync(new URL(import.meta.url), 'utf8').split('\n').slice(1)) { if (!l.startsWith('//')) break; console.error(l.slice(3)); } process.exit(2); };

// The three characters that make 18 of 15: which of these are capitals.
function idSuffix(id15) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
  return [0, 5, 10].map((from) => alphabet[[...id15.slice(from, from + 5)].reduce((n, c, i) => n + (c >= 'A' && c <= 'Z' ? 1 << i : 0), 0)]).join('');
}
function load() {
  const folder = process.env.JSFORCE ?? '.';
  const found = JSON.parse(readFileSync(join(folder, 'node_modules/jsforce/package.json'))).version;
  if (found !== VERSION) { console.error(`jsforce ${VERSION} is wanted, ${found} is in ${folder}`); process.exit(2); }
  return createRequire(join(folder, 'x.js'))('jsforce');
}

const show = (x) => (typeof x === 'string' ? x : JSON.stringify(x)) ?? String(x);
function same(what, got, want) { if (show(got) !== show(want)) throw new Error(`${what}: got ${show(got).slice(0, 300)}, want ${show(want).slice(0, 300)}`); }
function ok(what, condition, got) { if (!condition) throw new Error(`${what}${got === undefined ? '' : `: got ${show(got).slice(0, 300)}`}`); }
async function refused(what, promise, ...codes) {
  let answer;
  try { answer = await promise; } catch (e) {
    const code = e.errorCode ?? e.name;
    ok(`${what}: error ${codes.join(' or ')}`, codes.length === 0 || codes.includes(code) || codes.some((c) => e.message.startsWith(c)), `${code}: ${e.message}`);
    return e;
  }
  throw new Error(`${what}: accepted with ${show(answer)?.slice(0, 200)}, want ${codes.join(' or ') || 'an error'}`);
}

async function judge(jsforce, o, report) {
  const { base, api, externalId: X, user, password, clientId, key, skip = [], only = [] } = o;
  const run = `r${crypto.randomBytes(5).toString('hex')}`;
  const isId = (id) => /^[A-Za-z0-9]{18}$/.test(id) && id.slice(15) === idSuffix(id.slice(0, 15));
  const isTime = (t) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\+0000|Z)$/.test(t);
  const made = { Order: new Set(), Account: new Set() };
  let conn, account, failed = 0, passed = 0, skipped = 0;
  const order = (n, more = {}) => ({ AccountId: account, EffectiveDate: '2026-11-23', Status: 'Draft', Description: `${run} order ${n}`, [X]: `${run}-${n}`, ...more });
  const mine = `Description LIKE '${run}%'`;
  const note = (r) => { for (const x of [r].flat()) if (x.success && x.id) made.Order.add(x.id); return r; };
  const connect = (more) => new jsforce.Connection({ loginUrl: base, version: api, maxRequest: 4, logLevel: 'FATAL', ...more });
  const url = (path) => `/services/data/v${api}${path}`;
  const all = async (soql, more) => (await conn.query(soql, { autoFetch: true, maxFetch: 100000, ...more })).records;
  const fields = async (id) => conn.sobject('Order').retrieve(id);

  async function step(name, needs, f) {
    if (skip.some((w) => name.includes(w)) || (only.length && !only.some((w) => name.includes(w)) && !needs?.always)) return;
    if (needs?.missing) { skipped++; return report('skip', name, 0, needs.missing); }
    const from = Date.now();
    let stray;
    const onStray = (e) => { stray = e; };
    process.on('uncaughtException', onStray);
    try {
      let timer;
      await Promise.race([f(), new Promise((_, no) => { timer = setTimeout(() => no(new Error('no answer in 40 s')), 40000); })]).finally(() => clearTimeout(timer));
      if (stray) throw stray;
      passed++; report('ok', name, Date.now() - from);
    } catch (e) { failed++; report('FAIL', name, Date.now() - from, `${e.errorCode && !e.message.includes(e.errorCode) ? e.errorCode + ': ' : ''}${e.message}`); } finally { process.off('uncaughtException', onStray); }
  }

  // Login
  const jwt = (claims = {}, signer = key) => {
    const b = (x) => Buffer.from(JSON.stringify(x)).toString('base64url');
    const head = `${b({ alg: 'RS256' })}.${b({ iss: clientId, sub: user, aud: base, exp: Math.floor(Date.now() / 1000) + 170, ...claims })}`;
    return `${head}.${crypto.sign('sha256', Buffer.from(head), signer).toString('base64url')}`;
  };
  const byJwt = async (assertion, c = connect({ oauth2: { loginUrl: base } })) => { await c.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }); return c; };
  const noKey = { missing: key ? null : 'no --client-id and --key' }, noPassword = { missing: password ? null : 'no --password' };
  await step('login by JWT bearer', { ...noKey, always: true }, async () => { conn = await byJwt(jwt()); ok('instance_url', conn.instanceUrl?.startsWith('http'), conn.instanceUrl); ok('user id', isId(conn.userInfo.id), conn.userInfo.id); });
  await step('JWT: wrong key', noKey, async () => { await refused('signature of another key', byJwt(jwt({}, crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)), 'invalid_grant'); });
  await step('JWT: expired', noKey, async () => { await refused('exp in the past', byJwt(jwt({ exp: Math.floor(Date.now() / 1000) - 600 })), 'invalid_grant'); });
  await step('JWT: other audience', noKey, async () => { await refused('aud of another org', byJwt(jwt({ aud: 'https://other.example' })), 'invalid_grant'); });
  await step('JWT: unknown client', noKey, async () => { await refused('iss unknown', byJwt(jwt({ iss: 'nobody' })), 'invalid_client_id', 'invalid_client', 'invalid_grant'); });
  await step('JWT: unknown grant type', noKey, async () => { await refused('grant_type', connect({ oauth2: { loginUrl: base } }).authorize({ grant_type: 'urn:nope' }), 'unsupported_grant_type'); });
  await step('login by SOAP', { ...noPassword, always: true }, async () => { const c = connect(); await c.login(user, password); ok('user id', isId(c.userInfo.id), c.userInfo.id); conn ??= c; });
  await step('SOAP: wrong password', noPassword, async () => { await refused('wrong password', connect().login(user, 'wrong'), 'INVALID_LOGIN'); });
  if (!conn) { report('FAIL', 'no session: nothing else can be asked', 0, 'login failed'); return { failed: failed + 1, passed, skipped }; }
  await step('unknown token', null, async () => { await refused('token', connect({ instanceUrl: base, accessToken: '00D!nope' }).query('SELECT Id FROM Account LIMIT 1'), 'INVALID_SESSION_ID'); });
  await step('token refreshed once, request repeated', noKey, async () => {
    let n = 0;
    const c = connect({ instanceUrl: base, accessToken: '00D!old', refreshFn: (_, done) => { n++; byJwt(jwt()).then((x) => done(null, x.accessToken), done); } });
    await c.query('SELECT Id FROM Account LIMIT 1'); same('refreshes', n, 1);
  });

  // One record
  await step('create', { always: true }, async () => {
    const a = await conn.sobject('Account').create({ Name: `${run} account` });
    same('result', { ...a, id: isId(a.id) }, { id: true, success: true, errors: [] }); account = a.id; made.Account.add(a.id);
    const r = note(await conn.sobject('Order').create(order('one'))); ok('18 characters with the right suffix', isId(r.id), r.id);
    const back = await fields(r.id);
    for (const f of ['AccountId', 'Status', 'Description', X]) same(f, back[f], order('one')[f]);
    same('attributes', back.attributes, { type: 'Order', url: url(`/sobjects/Order/${r.id}`) }); ok('SystemModstamp', isTime(back.SystemModstamp), back.SystemModstamp); same('IsDeleted', back.IsDeleted, false);
  });
  if (!account) { report('FAIL', 'no account: nothing else can be asked', 0, 'create failed'); return { failed: failed + 1, passed, skipped }; }
  const one = async (n, more) => note(await conn.sobject('Order').create(order(n, more))).id;
  await step('create: required field missing', null, async () => { const e = await refused('Account without Name', conn.sobject('Account').create({}), 'REQUIRED_FIELD_MISSING'); same('fields', e.data?.fields, ['Name']); });
  await step('create: unknown field', null, async () => { await refused('field', conn.sobject('Order').create(order('bad', { Nope__c: 1 })), 'INVALID_FIELD'); });
  await step('create: unknown object', null, async () => { await refused('object', conn.sobject('Nope__c').create({ Name: 'x' }), 'NOT_FOUND'); });
  await step('create: external id taken', null, async () => { await one('unique'); await refused('second', conn.sobject('Order').create(order('unique')), 'DUPLICATE_VALUE'); });
  await step('create: broken JSON', null, async () => { await refused('body', conn.request({ method: 'POST', url: url('/sobjects/Order'), body: '{"AccountId":', headers: { 'content-type': 'application/json' } }), 'JSON_PARSER_ERROR'); });
  await step('update', null, async () => {
    const id = await one('update'), before = await fields(id);
    await new Promise((r) => { setTimeout(r, 15); });
    same('result', await conn.sobject('Order').update({ Id: id, Description: `${run} changed` }), { id, success: true, errors: [] });
    const after = await fields(id); same('Description', after.Description, `${run} changed`); same('Status untouched', after.Status, 'Draft'); ok('SystemModstamp moves on', after.SystemModstamp > before.SystemModstamp, after.SystemModstamp);
    await conn.sobject('Order').update({ Id: id, Description: null }); same('null', (await fields(id)).Description, null);
  });
  await step('retrieve: chosen fields', null, async () => { const id = await one('fields'); same('keys', Object.keys(await conn.sobject('Order').retrieve(id, { fields: ['Id', 'Status'] })).sort(), ['Id', 'Status', 'attributes']); });
  await step('retrieve: missing', null, async () => { const id15 = '801xx0000009999'; await refused('id', fields(id15 + idSuffix(id15)), 'NOT_FOUND'); });
  await step('upsert by external id', null, async () => {
    const rec = order('upsert'), first = note(await conn.sobject('Order').upsert(rec, X)); same('created', [first.success, first.created, isId(first.id)], [true, true, true]);
    const again = await conn.sobject('Order').upsert({ ...rec, Description: `${run} again` }, X); same('same record', [again.success, again.created, again.id], [true, false, first.id]);
    same('updated', (await fields(first.id)).Description, `${run} again`); same('external id kept', (await fields(first.id))[X], `${run}-upsert`);
    same('one record', (await all(`SELECT Id FROM Order WHERE ${X} = '${run}-upsert'`)).length, 1);
  });
  await step('retrieve by external id', null, async () => { const id = await one('by external'); same('Id', (await conn.request(url(`/sobjects/Order/${X}/${encodeURIComponent(`${run}-by external`)}`))).Id, id); });
  await step('upsert: unknown external id field', null, async () => { await refused('field', conn.sobject('Order').upsert({ Nope__c: 'x', Status: 'Draft' }, 'Nope__c'), 'NOT_FOUND'); });
  await step('delete', null, async () => {
    const id = await one('delete'); same('result', await conn.sobject('Order').destroy(id), { id, success: true, errors: [] });
    await refused('read after', fields(id), 'NOT_FOUND', 'ENTITY_IS_DELETED'); await refused('delete again', conn.sobject('Order').destroy(id), 'ENTITY_IS_DELETED', 'NOT_FOUND'); await refused('update after', conn.sobject('Order').update({ Id: id, Status: 'Draft' }), 'ENTITY_IS_DELETED', 'NOT_FOUND');
    same('query', (await all(`SELECT Id FROM Order WHERE Id = '${id}'`)).length, 0);
    const bin = await all(`SELECT Id, IsDeleted FROM Order WHERE Id = '${id}'`, { scanAll: true }); same('queryAll', bin.map((r) => r.IsDeleted), [true]);
  });

  // Many records
  await step('collection: create 450 in requests of 200', null, async () => {
    const r = note(await conn.sobject('Order').create(Array.from({ length: 450 }, (_, n) => order(`m${String(n).padStart(3, '0')}`)), { allowRecursive: true }));
    same('results', r.length, 450); ok('all good', r.every((x) => x.success && isId(x.id)), r.find((x) => !x.success)); same('ids differ', new Set(r.map((x) => x.id)).size, 450);
  });
  await step('collection: more than 200 refused', null, async () => { await refused('201', conn.sobject('Order').create(Array.from({ length: 201 }, (_, n) => order(`over${n}`)))); same('nothing stored', (await conn.query(`SELECT COUNT() FROM Order WHERE Description LIKE '${run} order over%'`)).totalSize, 0); });
  await step('collection: partial success, in order', null, async () => {
    const r = note(await conn.sobject('Order').create([order('p1'), { Description: `${run} bad` }, order('p3')], { allOrNone: false }));
    same('success', r.map((x) => x.success), [true, false, true]); same('error', r[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING'); ok('fields', Array.isArray(r[1].errors[0].fields), r[1].errors[0]);
    same('in order', [(await fields(r[0].id))[X], (await fields(r[2].id))[X]], [`${run}-p1`, `${run}-p3`]);
  });
  await step('collection: all or none', null, async () => {
    const r = note(await conn.sobject('Order').create([order('n1'), { Description: `${run} bad` }], { allOrNone: true }));
    same('success', r.map((x) => x.success), [false, false]); same('codes', r.map((x) => x.errors[0].statusCode), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);
    same('nothing stored', (await all(`SELECT Id FROM Order WHERE ${X} = '${run}-n1'`)).length, 0);
  });
  await step('collection: update', null, async () => {
    const a = await one('cu1'), b = await one('cu2'), r = await conn.sobject('Order').update([{ Id: b, Description: `${run} B` }, { Id: a, Description: `${run} A` }]);
    same('ids in order', r.map((x) => [x.id, x.success]), [[b, true], [a, true]]); same('values', [(await fields(a)).Description, (await fields(b)).Description], [`${run} A`, `${run} B`]);
  });
  await step('collection: upsert', null, async () => {
    const a = await one('up1'), r = note(await conn.sobject('Order').upsert([{ ...order('up1'), Description: `${run} U` }, order('up2')], X));
    same('created', r.map((x) => [x.success, x.created]), [[true, false], [true, true]]); same('same id', r[0].id, a);
  });
  await step('collection: retrieve, null for a missing one', null, async () => {
    const a = await one('cr1'), none = '801xx0000009999', r = await conn.sobject('Order').retrieve([a, none + idSuffix(none)], { fields: ['Id', X] });
    same('records', r.map((x) => x && x[X]), [`${run}-cr1`, null]);
  });
  await step('collection: delete', null, async () => {
    const a = await one('cd1'), b = await one('cd2'), r = await conn.sobject('Order').destroy([a, b]); same('results', r.map((x) => [x.id, x.success]), [[a, true], [b, true]]);
    same('gone', (await all(`SELECT Id FROM Order WHERE Id IN ('${a}', '${b}')`)).length, 0);
  });

  // Query
  await step('query: pages of 200', null, async () => {
    const soql = `SELECT Id, ${X} FROM Order WHERE Description LIKE '${run} order m%' ORDER BY ${X}`, headers = { 'Sforce-Query-Options': 'batchSize=200' };
    const first = await conn.query(soql, { headers }); same('first page', [first.totalSize, first.done, first.records.length], [450, false, 200]); ok('nextRecordsUrl', new URL(first.nextRecordsUrl ?? '', base).pathname.startsWith(url('/query/')), first.nextRecordsUrl);
    const rows = await all(soql, { headers }); same('all pages', rows.map((r) => r[X]), Array.from({ length: 450 }, (_, n) => `${run}-m${String(n).padStart(3, '0')}`));
  });
  await step('query: unknown page', null, async () => { await refused('locator', conn.queryMore(url('/query/01gxx0000000000AAA-2000')), 'INVALID_QUERY_LOCATOR'); });
  await step('query: COUNT()', null, async () => { const r = await conn.query(`SELECT COUNT() FROM Order WHERE Description LIKE '${run} order m%'`); same('count', [r.totalSize, r.records.length], [450, 0]); });
  await step('query: order, limit, IN', null, async () => {
    same('descending', (await all(`SELECT ${X} FROM Order WHERE Description LIKE '${run} order m%' ORDER BY ${X} DESC LIMIT 2`)).map((r) => r[X]), [`${run}-m449`, `${run}-m448`]);
    same('IN', (await all(`SELECT ${X} FROM Order WHERE ${X} IN ('${run}-m001', '${run}-m003') ORDER BY ${X}`)).map((r) => r[X]), [`${run}-m001`, `${run}-m003`]);
  });
  await step('query: field of the parent', null, async () => { same('Account.Name', (await all(`SELECT Id, Account.Name FROM Order WHERE ${X} = '${run}-m001'`)).map((r) => r.Account?.Name), [`${run} account`]); });
  await step('query: window by SystemModstamp', null, async () => {
    const id = await one('window'), t = (await fields(id)).SystemModstamp.replace('+0000', 'Z');
    const rows = await all(`SELECT Id, SystemModstamp FROM Order WHERE SystemModstamp >= ${t} AND ${mine} ORDER BY SystemModstamp, Id`); ok('it is in', rows.some((r) => r.Id === id), rows.length);
    ok('nothing older', rows.every((r) => r.SystemModstamp.slice(0, 23) >= t.slice(0, 23)));
  });
  await step('query: quotes and a backslash', null, async () => { const v = `${run} O'Neil \\ "x"`, id = await one('quote', { Description: v }); same('found', (await all(`SELECT Id FROM Order WHERE Description = '${v.replace(/[\\']/g, '\\$&')}'`)).map((r) => r.Id), [id]); });
  await step('query: malformed', null, async () => { await refused('SOQL', conn.query('SELEC Id FROM Order'), 'MALFORMED_QUERY'); });
  await step('query: unknown field', null, async () => { await refused('field', conn.query('SELECT Nope__c FROM Order'), 'INVALID_FIELD'); });
  await step('query: unknown object', null, async () => { await refused('object', conn.query('SELECT Id FROM Nope__c'), 'INVALID_TYPE'); });

  // Changes
  const minutes = (n) => new Date(Date.now() + n * 60000).toISOString();
  await step('getUpdated', null, async () => {
    const id = await one('updated'), r = await conn.sobject('Order').updated(minutes(-5), minutes(1)); ok('the new one', r.ids?.includes(id), r.ids?.length); ok('latestDateCovered', isTime(r.latestDateCovered) && Date.parse(r.latestDateCovered.replace('+0000', 'Z')) <= Date.now() + 60000, r.latestDateCovered);
    const old = await conn.sobject('Order').updated(minutes(-60), minutes(-50)); ok('not in an older window', !old.ids.includes(id));
  });
  await step('getUpdated: seconds are cut off', null, async () => {
    const id = await one('seconds'), t = Date.parse((await fields(id)).SystemModstamp.replace('+0000', 'Z')), start = new Date(Math.floor(t / 60000) * 60000 + 59000);
    ok('start inside the minute finds what came before it', (await conn.sobject('Order').updated(start.toISOString(), new Date(start.getTime() + 60000).toISOString())).ids.includes(id));
  });
  await step('getDeleted', null, async () => {
    const id = await one('deleted'); await conn.sobject('Order').destroy(id);
    const r = await conn.sobject('Order').deleted(minutes(-5), minutes(1)); ok('the deleted one', r.deletedRecords?.some((x) => x.id === id && isTime(x.deletedDate)), r.deletedRecords?.length); ok('dates', isTime(r.earliestDateAvailable) && isTime(r.latestDateCovered), r);
    ok('not among the updated', !(await conn.sobject('Order').updated(minutes(-5), minutes(1))).ids.includes(id));
  });
  await step('getUpdated: end before start', null, async () => { await refused('window', conn.sobject('Order').updated(minutes(-5), minutes(-10)), 'INVALID_REPLICATION_DATE'); });

  // Composite
  const composite = (allOrNone, compositeRequest) => conn.requestPost(url('/composite'), { allOrNone, compositeRequest });
  await step('composite: one refers to another', null, async () => {
    const r = (await composite(true, [{ method: 'POST', url: url('/sobjects/Account'), referenceId: 'acc', body: { Name: `${run} composite` } }, { method: 'POST', url: url('/sobjects/Order'), referenceId: 'ord', body: order('composite', { AccountId: '@{acc.id}' }) },
      { method: 'GET', url: url('/sobjects/Order/@{ord.id}'), referenceId: 'get' }])).compositeResponse;
    same('statuses', r.map((x) => [x.referenceId, x.httpStatusCode]), [['acc', 201], ['ord', 201], ['get', 200]]); made.Account.add(r[0].body.id); made.Order.add(r[1].body.id);
    same('reference', r[2].body.AccountId, r[0].body.id);
  });
  await step('composite: all or none', null, async () => {
    const r = (await composite(true, [{ method: 'POST', url: url('/sobjects/Order'), referenceId: 'good', body: order('halted') }, { method: 'POST', url: url('/sobjects/Account'), referenceId: 'bad', body: {} }])).compositeResponse;
    same('statuses', r.map((x) => x.httpStatusCode), [400, 400]); same('codes', r.map((x) => x.body[0].errorCode), ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']); same('nothing stored', (await all(`SELECT Id FROM Order WHERE ${X} = '${run}-halted'`)).length, 0);
  });
  await step('composite: each by itself', null, async () => {
    const r = (await composite(false, [{ method: 'POST', url: url('/sobjects/Account'), referenceId: 'bad', body: {} }, { method: 'POST', url: url('/sobjects/Order'), referenceId: 'good', body: order('alone') }])).compositeResponse;
    same('statuses', r.map((x) => x.httpStatusCode), [400, 201]); made.Order.add(r[1].body.id);
  });
  await step('composite: more than 25 refused', null, async () => { await refused('26', composite(false, Array.from({ length: 26 }, (_, n) => ({ method: 'GET', url: url('/limits'), referenceId: `r${n}` })))); });

  // Bulk
  const bulk = (operation, input, more = {}) => { conn.bulk2.pollInterval = 100; conn.bulk2.pollTimeout = 30000; return conn.bulk2.loadAndWaitForResults({ object: 'Order', operation, input, ...more }); };
  await step('bulk: insert, one row fails', null, async () => {
    const odd = `${run} a "quoted", comma\nand a line, é`, r = await bulk('insert', [order('b0', { Description: odd }), order('b1', { Status: '' }), ...Array.from({ length: 298 }, (_, n) => order(`b${n + 2}`))]);
    for (const x of r.successfulResults) made.Order.add(x.sf__Id);
    same('rows', [r.successfulResults.length, r.failedResults.length, r.unprocessedRecords.length], [299, 1, 0]); ok('error', r.failedResults[0].sf__Error.startsWith('REQUIRED_FIELD_MISSING'), r.failedResults[0]); same('failed row is named', r.failedResults[0][X], `${run}-b1`); ok('created', r.successfulResults.every((x) => x.sf__Created === 'true'));
    same('odd text', (await all(`SELECT Description FROM Order WHERE ${X} = '${run}-b0'`))[0].Description, odd); same('stored', (await conn.query(`SELECT COUNT() FROM Order WHERE ${X} LIKE '${run}-b%' AND ${mine}`)).totalSize >= 299, true);
  });
  await step('bulk: upsert, null', null, async () => {
    const id = await one('bu1'), r = await bulk('upsert', [{ ...order('bu1'), Description: null }, order('bu2')], { externalIdFieldName: X });
    for (const x of r.successfulResults) made.Order.add(x.sf__Id);
    same('created', r.successfulResults.map((x) => x.sf__Created), ['false', 'true']); same('same id', r.successfulResults[0].sf__Id, id); same('null', (await fields(id)).Description, null);
  });
  await step('bulk: delete', null, async () => { const id = await one('bd1'), r = await bulk('delete', [{ Id: id }]); same('rows', r.successfulResults.map((x) => x.sf__Id), [id]); await refused('read after', fields(id), 'NOT_FOUND', 'ENTITY_IS_DELETED'); });
  await step('bulk: states of a job', null, async () => {
    const job = conn.bulk2.createJob({ object: 'Order', operation: 'update' }); await job.open(); same('open', [(await job.check()).state, isId(job.id)], ['Open', true]); await job.abort(); same('aborted', (await job.check()).state, 'Aborted');
    await job.delete(); await refused('gone', job.check(), 'NOT_FOUND');
  });

  await step('describe', null, async () => { const d = await conn.sobject('Order').describe(); same('name', d.name, 'Order'); same('external id', d.fields.filter((f) => f.name === X).map((f) => f.externalId), [true]); });
  await step('limits', null, async () => {
    const l = await conn.limits(); ok('DailyApiRequests', l.DailyApiRequests.Max > 0 && l.DailyApiRequests.Remaining <= l.DailyApiRequests.Max, l.DailyApiRequests);
    await conn.query('SELECT Id FROM Account LIMIT 1'); const a = conn.limitInfo?.apiUsage?.used; await conn.query('SELECT Id FROM Account LIMIT 1'); ok('Sforce-Limit-Info counts', conn.limitInfo?.apiUsage?.used > a, conn.limitInfo);
  });
  await step('errors are lists', null, async () => { const r = await fetch(`${base}${url('/sobjects/Nope__c/x')}`, { headers: { authorization: `Bearer ${conn.accessToken}` } }); const b = await r.json(); ok('[{errorCode, message}]', r.status === 404 && Array.isArray(b) && b[0].errorCode && typeof b[0].message === 'string', b); });

  // The catalog, as its readers ask for it
  const keep = (object, r) => { if (r.success) (made[object] ??= new Set()).add(r.id); return r; };
  const upsert = async (object, id, more) => keep(object, await conn.sobject(object).upsert({ [X]: `${run}-${id}`, ...more }, X));
  const definition = (n, more = {}) => JSON.stringify({ key: `${run}-${n}`, note: 'é“…” \\ "x"\n'.repeat(2000), ...more });
  await step('catalog: a product with a long definition, by its code', null, async () => {
    const r = await upsert('Product2', 'p', { Name: `${run} product`, ProductCode: `${run}-p`, Definition__c: definition('p') }); ok('18 characters with the right suffix', isId(r.id) && r.id.startsWith('01t'), r);
    const rows = await all(`SELECT ProductCode, Definition__c FROM Product2 WHERE ProductCode = '${run}-p' ORDER BY ProductCode`);
    same('rows', rows.length, 1); same('definition, to the character', rows[0].Definition__c, definition('p'));
    await upsert('Product2', 'p', { Definition__c: definition('p', { name: 'changed' }) }); same('changed', JSON.parse((await all(`SELECT Definition__c FROM Product2 WHERE ProductCode = '${run}-p'`))[0].Definition__c).name, 'changed');
    await refused('Product2 without Name', conn.sobject('Product2').create({ ProductCode: `${run}-none` }), 'REQUIRED_FIELD_MISSING');
  });
  await step('catalog: entities of two sections, in their order', null, async () => {
    for (const [section, k] of [['plans', 'b'], ['attributes', 'z'], ['plans', 'a']]) await upsert('CatalogEntity__c', `${section}-${k}`, { Section__c: section, Key__c: `${run}-${k}`, Definition__c: definition(k) });
    const rows = await all(`SELECT Section__c, Key__c FROM CatalogEntity__c WHERE Key__c LIKE '${run}%' ORDER BY Section__c, Key__c`);
    same('order', rows.map((r) => `${r.Section__c}/${r.Key__c.slice(run.length + 1)}`), ['attributes/z', 'plans/a', 'plans/b']);
    await refused('without Key__c', conn.sobject('CatalogEntity__c').create({ Section__c: 'plans' }), 'REQUIRED_FIELD_MISSING');
    const gone = rows.length && [...made.CatalogEntity__c][0]; await conn.sobject('CatalogEntity__c').destroy(gone); same('left', (await conn.query(`SELECT COUNT() FROM CatalogEntity__c WHERE Key__c LIKE '${run}%'`)).totalSize, 2);
  });
  await step('catalog: deltas behind an index, as numbers', null, async () => {
    const first = 1e9 + crypto.randomInt(1e6) * 100;
    for (const n of [9, 10, 11]) await upsert('CatalogDelta__c', `d${n}`, { Index__c: first + n, Changes__c: JSON.stringify([{ section: 'products', key: `${run}-p`, definition: null }]) });
    same('behind', (await all(`SELECT Index__c, Changes__c FROM CatalogDelta__c WHERE Index__c > ${first + 9} AND Index__c <= ${first + 11} ORDER BY Index__c`)).map((r) => r.Index__c - first), [10, 11]);
    const newest = (await conn.query('SELECT Index__c FROM CatalogDelta__c ORDER BY Index__c DESC LIMIT 1')).records[0].Index__c; ok('the newest is the greatest', newest >= first + 11, newest);
    await refused('without Index__c', conn.sobject('CatalogDelta__c').create({ Changes__c: '[]' }), 'REQUIRED_FIELD_MISSING'); await refused('text for a number', conn.sobject('CatalogDelta__c').create({ Index__c: 'nine' }), 'JSON_PARSER_ERROR');
  });

  // Leave nothing behind
  await step('clean up', { always: true }, async () => {
    const rest = [...new Set([...made.Order, ...(await all(`SELECT Id FROM Order WHERE ${mine}`)).map((r) => r.Id)])];
    for (let i = 0; i < rest.length; i += 200) await conn.sobject('Order').destroy(rest.slice(i, i + 200)).catch(() => {});
    same('orders left', (await conn.query(`SELECT COUNT() FROM Order WHERE ${mine}`)).totalSize, 0);
    for (const object of ['Account', 'Product2', 'CatalogEntity__c', 'CatalogDelta__c']) for (const id of made[object] ?? []) await conn.sobject(object).destroy(id).catch((e) => { if (!['ENTITY_IS_DELETED', 'NOT_FOUND'].includes(e.errorCode)) throw e; });
    for (const object of ['Product2', 'CatalogEntity__c', 'CatalogDelta__c']) same(`${object} left`, (await conn.query(`SELECT COUNT() FROM ${object} WHERE ${X} LIKE '${run}%'`)).totalSize, 0);
  });
  return { failed, passed, skipped };
}

function print(state, name, ms, why) { console.log(`${state.padEnd(4)} ${name}${ms ? ` (${ms} ms)` : ''}${why ? `: ${why}` : ''}`); }

const { values: v, positionals } = parseArgs({ allowPositionals: true, options: Object.fromEntries([...['user', 'password', 'client-id', 'key', 'api', 'external-id', 'skip', 'only'].map((n) => [n, { type: 'string' }]), ['json', { type: 'boolean' }]]) });
const [what] = positionals;
if (!what || positionals.length > 1) usage();
if (!/^https?:\/\//.test(what) || !v.user || (!v.password && !(v['client-id'] && v.key))) usage();
const words = (s) => (s ? s.split(',').filter(Boolean) : []);
const options = { base: what.replace(/\/$/, ''), api: v.api ?? '59.0', externalId: v['external-id'] ?? 'ExternalId__c', user: v.user, password: v.password, clientId: v['client-id'],
  key: v.key && crypto.createPrivateKey(readFileSync(v.key)), skip: words(v.skip), only: words(v.only) };
await fetch(options.base).catch((e) => { console.error(`no answer from ${options.base}: ${e.cause?.code ?? e.message}`); process.exit(2); });
const r = await judge(load(), options, v.json ? (state, name, ms, why) => console.log(JSON.stringify({ state, name, ms, why })) : print);
if (!v.json) console.log(`${r.passed} passed, ${r.failed} failed, ${r.skipped} skipped`);
process.exit(r.failed ? 1 : 0);
