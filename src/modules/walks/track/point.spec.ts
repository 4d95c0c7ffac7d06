import { moved, SEOUL_FOREST } from '../../../../test/builders/tracks.js';
import { distanceBetweenM, planeAt, stepM } from './point.js';

describe('distances', () => {
  it('one degree of the equator and of a meridian on WGS84', () => {
    expect(distanceBetweenM({ lat: 0, lng: 0 }, { lat: 0, lng: 1 })).toBeCloseTo(111_319.491, 2);
    expect(distanceBetweenM({ lat: 0, lng: 0 }, { lat: 1, lng: 0 })).toBeCloseTo(110_574.389, 2);
    expect(distanceBetweenM(SEOUL_FOREST, SEOUL_FOREST)).toBe(0);
  });

  it('the fast distance agrees with the geodesic over a kilometre, in every direction', () => {
    for (const bearing of [0, 45, 90, 200, 315]) {
      for (const lengthM of [1, 50, 1000]) {
        const there = moved(SEOUL_FOREST, bearing, lengthM);
        expect(stepM(SEOUL_FOREST, there) / lengthM).toBeCloseTo(1, 6);
      }
    }
  });

  it('the date line is no distance', () => {
    expect(stepM({ lat: 10, lng: 179.9999 }, { lat: 10, lng: -179.9999 })).toBeLessThan(25);
  });

  it('a plane gives back the position it was given', () => {
    const plane = planeAt(SEOUL_FOREST);
    const there = moved(SEOUL_FOREST, 70, 3000);
    const { x, y } = plane.toXY(there);
    expect(plane.toPosition(x, y).lat).toBeCloseTo(there.lat, 10);
    expect(plane.toPosition(x, y).lng).toBeCloseTo(there.lng, 10);
  });
});
