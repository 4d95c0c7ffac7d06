import { FileRoom, MAX_FILES_HELD } from './file-body.js';

const entered = (room: FileRoom, userId: string): (() => void)[] => {
  const leaves: (() => void)[] = [];
  try {
    for (;;) leaves.push(room.enter(userId));
  } catch {
    return leaves;
  }
};

it('D5 two who hold on to all they get leave room for others', () => {
  const room = new FileRoom();
  const [one, two] = [entered(room, 'one'), entered(room, 'two')];
  expect([one.length, two.length]).toEqual([MAX_FILES_HELD / 2, MAX_FILES_HELD / 4]);
  expect(entered(room, 'three')).toHaveLength(3);
  const four = entered(room, 'four');
  expect(four).toHaveLength(1);
  for (const leave of [...one, ...two, ...four]) leave();
  expect(entered(room, 'four')).toHaveLength(9);
});
