// Spanish: adding, changing and removing cameras.

import type { Later } from "../en/later";
import { bytes } from "../format";

export const camerasTexts: Later["manage"] = {
  intro: "Lo que se graba. Un cambio solo afecta a la cámara en la que se hace.",
  add: "Añadir una cámara",
  forbidden: "Su cuenta no puede modificar cámaras. Quien gestiona las cuentas puede cambiarlo.",
  edit: "Editar",
  editOf: (name) => `Editar ${name}`,
  pause: "Pausar",
  pauseOf: (name) => `Pausar ${name}`,
  resume: "Reanudar",
  resumeOf: (name) => `Reanudar ${name}`,
  remove: "Quitar",
  removeOf: (name) => `Quitar ${name}`,
  paused: (name) => `${name} está en pausa. Lo grabado se conserva.`,
  resumed: (name) => `${name} vuelve a estar conectada`,
  pausedChip: "En pausa",
  byFile: "Definida en un archivo",
  byFileDetail: "Esta cámara figura en el archivo de configuración y se cambia allí:",
  failed: (why) => `No ha funcionado: ${why}`,

  removeHeading: (name) => `¿Quitar ${name}?`,
  removeDetail: (n) =>
    `Se desconecta, y ni ella ni sus grabaciones (${bytes(n)}) se muestran más. Siguen en el disco hasta que sean demasiado antiguas según sus límites; si se añade de nuevo con el mismo nombre, vuelven. Para seguir viéndolas, póngala en pausa en su lugar.`,
  removeFootage: "Borrar sus grabaciones ahora mismo",
  removeFootageHelp: "No se puede deshacer, y no es posible mientras algunas estén protegidas.",
  removeYes: "Quitarla",
  removeNo: "Conservarla",
  removed: (name) => `${name} se ha quitado`,
  removedInPart: "Se ha quitado, pero quizá no del todo. El registro del grabador dice qué queda.",

  where: "Dónde está",
  brand: "Marca",
  brandHelp: "Cada marca tiene sus propias direcciones. Se rellenan abajo y pueden cambiarse.",
  brandOther: "Otra, conozco la dirección",
  host: "Dirección de la cámara en la red",
  hostHelp:
    "Por ejemplo 192.168.1.20. La muestra la lista de dispositivos del router o la aplicación del fabricante.",
  mainUrl: "Dirección de la transmisión principal",
  mainUrlHelp:
    "Se graba con toda su calidad. Empieza por rtsp:// y figura en el manual de la cámara.",
  subUrl: "Dirección de la transmisión secundaria",
  subUrlHelp:
    "Una imagen pequeña para murales y teléfonos. Alivia la red; sin ella todos ven la principal.",
  otherUrl: (stream) => `Dirección de la transmisión «${stream}»`,
  otherUrlHelp: "Una imagen más de la misma cámara. Sin dirección se retira.",
  username: "Nombre de usuario",
  usernameHelp: "El configurado en la propia cámara. Mejor uno que solo pueda mirar.",
  password: "Contraseña",
  passwordHelp: "El grabador la guarda solo para esta conexión y no vuelve a mostrarla nunca.",
  passwordStays: "Hay una, y se conserva mientras no escriba otra.",
  name: "Nombre",
  nameHelp:
    "Cómo se la llama, por ejemplo «Puerta de entrada». Sin nombre se usa el que ella misma se da.",
  nameHelpEdit: "Cómo se la llama. Su dirección en estas páginas no cambia.",

  test: "Probar",
  testAgain: "Probar otra vez",
  testing: "Preguntando a la cámara. Tarda unos segundos.",
  testHelp: "Pregunta una vez a la cámara y muestra lo que envía. Con ello no se guarda nada.",
  seen: "La cámara responde",
  seenSub: "La transmisión secundaria responde",
  notSeen: "La transmisión principal no se ve",
  notSeenSub: "La transmisión secundaria no se ve",
  dropSub: "Seguir sin ella",
  problems: {
    unreachable:
      "Nada responde en esta dirección. Compruebe que la cámara está encendida y en la misma red, que la dirección es correcta y que RTSP está activado en sus ajustes.",
    silent:
      "Hay algo, pero no envía imagen. Quizá está arrancando o tiene demasiados espectadores: espere un minuto y pruebe otra vez.",
    denied:
      "Rechaza el nombre o la contraseña. Son los de la propia cámara, no los de la aplicación del fabricante; algunas cámaras se bloquean unos minutos tras varios errores.",
    refused: "La cámara está, pero no esta ruta. Elija su marca o busque «RTSP» en su manual.",
    unusable:
      "Responde, pero no envía nada que se pueda grabar. Elija H.264 o H.265 en sus ajustes.",
  },
  said: "Su respuesta",
  facts: {
    picture: "Imagen",
    sound: "Sonido",
    keys: "Fotogramas clave",
    clock: "Su reloj",
    first: "Primera imagen",
    software: "Se llama a sí misma",
  },
  noSound: "ninguno",
  keysEvery: (time) => `cada ${time}`,
  clockUnknown: "no lo dice",
  atOnce: "al instante",
  after: (time) => `tras ${time}`,
  notRecordable: "no se puede grabar",
  advice: "Conviene saber",
  trackLeftOut: (why) => `Una de sus pistas no se graba (${why}).`,
  hints: {
    "no-key-frame":
      "No llegó ningún fotograma clave durante la prueba. Ajuste en la cámara un intervalo de fotogramas clave más corto.",
    "key-frames-rare":
      "Los fotogramas clave son escasos. Con uno cada 1 o 2 s, la búsqueda y la vista en vivo empiezan antes: «I-frame interval» o «GOP» en la cámara; desactive «smart codec».",
    "key-frames-few":
      "Llegaron menos de dos fotogramas clave durante la prueba. Ajuste en la cámara un intervalo de fotogramas clave más corto.",
    h265: "H.265 se graba tal como llega, y no todos los navegadores lo reproducen. Una transmisión secundaria en H.264 al lado la reproducen todos.",
    mjpeg:
      "MJPEG ocupa unas diez veces más, y la vista en vivo solo muestra una imagen cada dos segundos. Ponga la cámara en H.264 si puede.",
    "no-audio": "No envía sonido.",
  },
  pictureOf: "Una imagen de lo que envía ahora",

  more: "Grabación",
  moreSub: "Grabación de la transmisión secundaria",
  moreOther: (stream) => `Grabación de «${stream}»`,
  record: "Grabarla",
  recordHelp: "Sin esto se puede ver en vivo, y no se conserva nada.",
  streamPaused: "Pausar esta transmisión",
  streamPausedHelp: "No se conecta, y lo grabado se conserva.",
  maxDays: "Conservar como máximo, días",
  maxDaysHelp: "Lo más antiguo se borra. Vacío: hasta que el disco esté lleno.",
  maxSize: "Conservar como máximo, GB",
  maxSizeHelp: "Por encima se borra lo más antiguo. Vacío: sin tal límite.",
  minDays: "Conservar como mínimo, días",
  minDaysHelp: "Otras ceden primero cuando el disco está lleno. Vacío: sin tal promesa.",
  volume: "Disco",
  volumeHelp:
    "Adónde van las grabaciones nuevas mientras ese disco funcione. Lo que ya hay se queda donde está.",
  anyVolume: "Donde haya más espacio",

  save: "Guardar",
  saveUntested: "Guardar sin probar",
  saved: (name) => `${name} se ha guardado`,
  added: (name) => `${name} se ha añadido`,
  unchanged: "No se ha cambiado nada",
  needsHost: "Escriba la dirección de la cámara, por ejemplo 192.168.1.20.",
  needsUrl:
    "Una dirección empieza por rtsp:// y nombra la cámara, como en rtsp://192.168.1.20/principal.",
  needsBrand: (host) =>
    `Falta la ruta a las imágenes. Elija la marca de la cámara, que la rellena, o escriba la dirección completa: rtsp://${host}/…`,
  needsPath: (host) => `Una dirección empieza por rtsp:// y tiene una ruta: rtsp://${host}/…`,
  chooseBrand: "Elegir la marca",
  needsNumber: "Un número entero desde 1, o nada.",
  needsSize: "Un número de GB, por ejemplo 500 o 0,5; o nada.",
  nameTaken: "Ya hay una cámara con ese nombre. Elija otro.",
  needsName: "Un nombre de 1 a 64 caracteres, sin saltos de línea.",
  needsUser: "Una contraseña necesita también su nombre de usuario.",
  needsOrder: "Como máximo, tantos días como el límite máximo.",
  needsVolume: "Ese disco ya no existe. Elija otro.",
  gone: "Esa cámara ya no existe.",
};
