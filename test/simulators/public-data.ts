import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secret } from '../support/leaks.js';
import { gatewayXml, playFailure, type PublicDataFailure } from './data-go-kr-wire.js';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';

/** A row as on the wire: names and texts of the service. */
export type WireRow = Record<string, string>;

/** How it fails: as every service of the gateway does, or as a server that is broken or under repair. */
export type PublicDataAnswer = PublicDataFailure | 'server-error' | 'html';

export interface PublicDataSimulator extends Simulator {
  env: Record<string, string>;
  vets: WireRow[];
  petPlaces: WireRow[];
  petNotes: WireRow[];
  /** What was asked for, in order: the list and its page. */
  asked: { list: List; page: number; params: Record<string, string> }[];
  /** The next answers about a page of a list, or about any page of it, are these. */
  answerWith(match: { list: List; page?: number; times?: number }, answer: PublicDataAnswer): void;
  /** From here on the list says that it has so many rows, whatever it gives: it was cut. */
  claimTotal(list: List, total: number | null): void;
  /** Forgets rows, failures and what was asked. */
  reset(): void;
}

export type List = 'vets' | 'petPlaces' | 'petNotes';

const MAX_VETS_PER_PAGE = 100;
/** The animal hospitals (15154952) and KorPetTourService2 behind apis.data.go.kr. */
export async function startPublicData(options: SimulatorOptions = {}): Promise<PublicDataSimulator> {
  const serviceKey = secret(`${randomBytes(24).toString('hex')}+/==`);
  const rows: Record<List, WireRow[]> = { vets: [], petPlaces: [], petNotes: [] };
  const asked: PublicDataSimulator['asked'] = [];
  const claimed = new Map<List, number>();
  let answers: { list: List; page?: number; left: number; answer: PublicDataAnswer }[] = [];

  function give(list: List, request: FastifyRequest, reply: FastifyReply) {
    const { serviceKey: sent, ...params } = request.query as Record<string, string>;
    if (sent !== serviceKey) return gatewayXml(reply, '30');
    const page = Number(params.pageNo ?? 1);
    asked.push({ list, page, params });
    const failure = answers.find((one) => one.left > 0 && one.list === list && (one.page ?? page) === page);
    if (failure) {
      failure.left--;
      return say(reply, failure.answer);
    }
    const perPage = Number(params.numOfRows ?? 10);
    if (list === 'vets' && perPage > MAX_VETS_PER_PAGE) return say(reply, 'server-error');
    if (list !== 'vets' && (!params.MobileOS || !params.MobileApp)) return say(reply, 'server-error');
    const all = rows[list].filter((row) => isAskedFor(row, params));
    const found = all.slice((page - 1) * perPage, page * perPage);
    return reply.send({
      response: {
        header: { resultCode: list === 'vets' ? '0' : '0000', resultMsg: 'OK' },
        body: {
          items: found.length === 0 ? '' : { item: found.length === 1 ? found[0] : found },
          ...{ numOfRows: perPage, pageNo: page, totalCount: claimed.get(list) ?? all.length },
        },
      },
    });
  }

  const simulator = await startSimulator(options, (server) => {
    server.get('/1741000/animal_hospitals/info', (request, reply) => give('vets', request, reply));
    server.get('/B551011/KorPetTourService2/petTourSyncList2', (request, reply) =>
      give('petPlaces', request, reply),
    );
    server.get('/B551011/KorPetTourService2/detailPetTour2', (request, reply) =>
      give('petNotes', request, reply),
    );
  });

  return {
    ...simulator,
    env: { PUBLIC_DATA_API_KEY: serviceKey, PUBLIC_DATA_BASE_URL: simulator.url },
    ...rows,
    asked,
    answerWith: ({ list, page, times = Infinity }, answer) =>
      void answers.push({ list, page, left: times, answer }),
    claimTotal: (list, total) => void (total === null ? claimed.delete(list) : claimed.set(list, total)),
    reset() {
      for (const list of Object.values(rows)) list.length = 0;
      asked.length = 0;
      answers = [];
      claimed.clear();
      simulator.clearFaults();
      simulator.requests.length = 0;
    },
  };
}

function say(reply: FastifyReply, answer: PublicDataAnswer) {
  if (answer === 'server-error') return reply.code(500).type('text/plain').send('Unexpected errors');
  if (answer === 'html') return reply.type('text/html').send('<!doctype html><title>점검 중</title>');
  if (!playFailure(reply, answer)) throw new Error(`${answer} is played by the rows themselves`);
  return reply;
}

/** `cond[FIELD::EQ]=` and `cond[FIELD::GTE]=`, over texts whose digits are compared. */
function isAskedFor(row: WireRow, params: Record<string, string>): boolean {
  return Object.entries(params).every(([name, value]) => {
    const [, field, operator] = /^cond\[(\w+)::(\w+)\]$/.exec(name) ?? [];
    if (!field) return true;
    const digits = (text: string) => text.replace(/\D/g, '');
    const [has, asks] = [digits(row[field] ?? ''), digits(value)];
    return operator === 'EQ' ? has === asks : operator === 'GTE' ? has >= asks : true;
  });
}
