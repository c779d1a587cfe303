// Japanese: exports.

import type { Later } from "../en/later";
import { about, bytes, duration, number, plurals } from "../format";

const plural = plurals("ja");

export const exportsTexts: Later["exports"] = {
  heading: "書き出し",
  intro: "人に渡すための映像です。署名付きの ZIP で、改変がないことを証明できます。",
  add: "新しい書き出し",
  verifyFile: "ファイルを検証",
  space: (used, most) => `${bytes(most)} 中 ${bytes(used)} 使用`,
  spaceLabel: "書き出し用の容量",
  emptyHeading: "書き出しはまだありません",
  emptyDetail:
    "タイムラインで範囲を選ぶか、ここで作成してください。1 台または複数のカメラのクリップを、誰でも再生・検証できる形で書き出します。",
  forbiddenHeading: "書き出しの権限がありません",
  more: "古いものを表示",
  states: { waiting: "待機中", writing: "書き込み中", done: "完了", failed: "失敗" },
  waitsFor: (before) =>
    before === 0 ? "まもなく開始します" : `先の ${plural(before, { other: "# 件" })}を待っています`,
  progress: (written, all) => `${bytes(all)} 中 ${bytes(written)}`,
  rate: (bytesPerSecond) => `毎秒 ${bytes(bytesPerSecond)}`,
  left: (ms) => `残り ${about(ms)}`,
  by: (who, at) => `${who}、${at}`,
  withoutFootage: "録画なし",
  actions: {
    download: (name) => `「${name}」をダウンロード`,
    cancel: (name) => `「${name}」を中止`,
    delete: (name) => `「${name}」を削除`,
    retry: "もう一度作成",
    timeline: "タイムラインで表示",
  },
  remove: {
    cancelHeading: (name) => `「${name}」を中止しますか？`,
    cancelDetail: "ここまでに書き込んだ内容は破棄されます。",
    cancel: "書き出しを中止",
    keepOn: "続ける",
    deleteHeading: (name) => `「${name}」を削除しますか？`,
    deleteDetail: (size) =>
      `${bytes(size)} のファイルがレコーダーから消えます。すでに渡したコピーと録画は残ります。`,
    deleteFailedDetail: "ファイルはありません。録画は残ります。",
    delete: "書き出しを削除",
    keep: "残す",
    cancelled: (name) => `「${name}」を中止しました`,
    deleted: (name) => `「${name}」を削除しました`,
    failed: (why) => `失敗しました：${why}`,
    failedStays: (name, why) =>
      `「${name}」を作り直していますが、失敗した書き出しがまだ残っています：${why}`,
  },
  make: {
    heading: "新しい書き出し",
    what: "署名付きの ZIP です。クリップ、それを再生するページ、証明が入ります。動画ファイルだけが必要なら、タイムラインで範囲を選択してダウンロードしてください。",
    name: "名前",
    nameHelp: "何があったか、誰に渡すか。空欄なら最初のカメラの名前になります。",
    cameras: "カメラ",
    stream: (camera) => `${camera} のストリーム`,
    range: "範囲",
    from: "開始",
    to: "終了",
    lengthIs: (ms) => `長さ ${duration(ms)}`,
    lasts: { minute: "直近 1 分", tenMinutes: "直近 10 分", hour: "直近 1 時間" },
    together: "すべてのカメラを 1 ファイルに",
    togetherHelp:
      "カメラごとのクリップではなく、カメラごとのトラックを持つ 1 つのクリップにします。複数のトラックを表示できないプレーヤーもあります。",
    timestamps: "時刻を字幕にする",
    timestampsHelp: "アーカイブのタイムゾーンでの時刻を、消せる字幕トラックとして入れます。",
    looking: "録画を確認しています…",
    whole: "範囲すべて",
    some: (recorded, gaps) =>
      `録画 ${duration(recorded)}、${plural(gaps, { other: "欠落 # か所" })}`,
    nothing: "この範囲に録画はありません",
    unknown: "確認できませんでした",
    size: (size) => `約 ${bytes(size)}`,
    sizeUnknown: "サイズはまだ不明です",
    quota: (left) => `書き出し用の空き ${bytes(left)}`,
    over: "空きが足りません。書き出しを削除するか、範囲を短くするか、サブストリームを選んでください。",
    noCamera: "カメラを 1 台以上選んでください。",
    tooMany: (most) => `1 つの書き出しに入れられるカメラは ${number(most)} 台までです。`,
    noRange: "開始と終了を指定してください。",
    backwards: "終了が開始より前です。",
    future: "終了が未来のため、書き出しは現在までになります。",
    submit: "書き出しを作成",
    making: "録画を調べています…",
    made: (name) => `「${name}」を作成しています`,
    protect: "待機中に古い録画が消えることがあります。消えそうな範囲は先に保護してください。",
  },
  details: {
    range: "範囲",
    size: "サイズ",
    made: "作成",
    inside: "内容",
    subtitles: "時刻の字幕付き",
    one: "すべてのカメラを 1 ファイルに",
    download: "ダウンロード",
    resume: "中断したダウンロードは続きから再開できます。",
  },
  inside: {
    noGaps: "欠落なし",
    gaps: (n, ms) => `${plural(n, { other: "欠落 # か所" })}、合計 ${about(Math.max(1000, ms))}`,
    more: (n) => plural(n, { other: "ほか # か所" }),
    nothing: "この範囲に録画はありません",
    notKnown: (why) => `内容を読み取れませんでした：${why}`,
  },
  verify: {
    heading: "書き出しを検証",
    intro: "データはこの端末から出ません。ファイルはこのブラウザー内で読み取り、検証します。",
    drop: "書き出しをここにドロップ",
    dropDetail: "または ZIP を選択",
    choose: "ファイルを選択",
    again: "別のファイルを検証",
    onRecorder: "レコーダー上のコピーを検証",
    onRecorderHelp: (size) =>
      `${bytes(size)} をすべてこのブラウザーで読み取ります。監査には取得として記録されます。`,
    reading: (read, all) => `${bytes(all)} 中 ${bytes(read)} を読み取り`,
    stop: "停止",
    notOneHeading: "レコーダーが書いたままの書き出しではありません",
    notOne:
      "改変、切断、再圧縮されたか、別のファイルです。書き出しをもう一度取得して比べてください。",
    failedHeading: "読み取れませんでした",
    wholeHeading: "改変なし、このレコーダーの署名です",
    whole: "このレコーダーが書いてから 1 バイトも変わっていません。",
    otherHeading: "改変なし、ただしこのレコーダーの署名ではありません",
    other:
      "下の鍵で署名されてから何も変わっていません。作成元とされるレコーダーの鍵（ディスク上の holdfast-volume.json にあります）と比べてください。",
    unsignedHeading: "内容は一致、ただし署名は未確認です",
    unsigned:
      "すべてのクリップが一覧どおりです。一覧にレコーダーの署名があるかは、このブラウザーでは確認できません。https で開くか、「holdfast verify」を使ってください。",
    unsignedOld:
      "すべてのクリップが一覧どおりです。一覧にレコーダーの署名があるかは、このブラウザーでは確認できません。新しいブラウザーか「holdfast verify」を使ってください。",
    plainHttp:
      "このページは暗号化なしの http で届きました。破損や変更されたクリップは見つけられますが、誰が署名したかは確認できません。署名の確認は https でしかできず、途中でページ自体が書き換えられた恐れもあるためです。証明が必要なら https で開くか、信頼できる機器で次を実行してください：",
    foreign:
      "ただし、記載された鍵はこのレコーダーのものではありません。このレコーダーは署名していません。記載内容は偽りかもしれません。",
    badHeading: "書き出したときのままではありません",
    badSignature: "内容の一覧が署名と一致しません。一覧が改変されています。",
    wrong: {
      changed: (file) => `${file} が改変されています`,
      missing: (file) => `${file} がありません`,
      stray: (file) => `${file} は含まれるはずのないファイルです`,
    },
    unsaid: (files) => plural(files, { other: "ほかに # 個のファイルに問題があります" }),
    name: "名前",
    exported: "書き出し",
    software: "作成ソフト",
    key: "鍵",
    clips: "クリップ",
    sha256: "SHA-256",
    elsewhere: "このページを使わずに証明するには：",
    limits:
      "証明できること：このレコーダーがこれらのファイルを書き、どれも差し替えられていないこと。証明できないこと：カメラの映像が真実で、時計が正確だったこと。",
  },
};
