// Spanish.

import type { First } from "./en";
import { pastTexts } from "./es/past";
import { shellTexts } from "./es/shell";
import { wallTexts } from "./es/wall";
import { watchingTexts } from "./es/watching";
import { about, clock, duration, moment, number, plurals } from "./format";

const plural = plurals("es");
const streams = (name: string) =>
  name === "main" ? "Principal" : name === "sub" ? "Secundario" : name;
const cameras = (n: number) =>
  plural(n, { one: "# cámara", many: "# de cámaras", other: "# cámaras" });

export const es: First = {
  product: "Holdfast",
  shell: shellTexts,
  past: pastTexts,
  watching: watchingTexts,
  wall: wallTexts,
  nav: {
    live: "En vivo",
    timeline: "Cronología",
    recordings: "Grabaciones",
    exports: "Exportar",
    system: "Sistema",
    more: "Más",
    account: "Cuenta",
    main: "Navegación principal",
    skip: "Ir al contenido",
  },
  title: (page) => `${page} · Holdfast`,
  common: {
    close: "Cerrar",
    retry: "Reintentar",
    loading: "Cargando",
    cancel: "Cancelar",
    clear: "Borrar",
    copy: "Copiar",
    copied: "Copiado",
    download: "Descargar",
    play: "Reproducir",
    pause: "Pausar",
    all: "Todas",
    main: "Flujo principal",
    sub: "Flujo secundario",
    stream: streams,
  },
  account: {
    signedInAs: (name) => `Sesión de ${name}`,
    signOut: "Cerrar sesión",
    signOutFailed:
      "La sesión sigue abierta: no se pudo contactar con el grabador. Inténtelo de nuevo.",
    theme: "Apariencia",
    themes: { dark: "Oscura", light: "Clara", device: "Como el dispositivo" },
    version: (version) => `Holdfast ${version}`,
    timeZone: (zone) => `Horas de ${zone}`,
  },
  login: {
    heading: "Iniciar sesión",
    username: "Nombre",
    password: "Contraseña",
    show: "Mostrar la contraseña",
    hide: "Ocultar la contraseña",
    submit: "Entrar",
    wrong: "El nombre o la contraseña no son correctos.",
    wait: (seconds) =>
      `Demasiados intentos. Espere ${plural(seconds, { one: "# segundo", many: "# de segundos", other: "# segundos" })} e inténtelo de nuevo.`,
    ended: "La sesión ha caducado. Vuelva a entrar.",
  },
  setup: {
    heading: "Crear la primera cuenta",
    intro: "Este grabador aún no tiene ninguna cuenta. La que cree ahora podrá hacerlo todo.",
    token: "Código de un solo uso",
    tokenHelp:
      "Está en el enlace que el servidor mostró al arrancar. Abra ese enlace o pegue el código aquí.",
    repeat: "Repita la contraseña",
    submit: "Crear la cuenta",
    differ: "Las dos contraseñas no coinciden.",
    short: "Al menos 8 caracteres.",
    signingIn: "Iniciando sesión",
    badToken: "Este enlace ya se ha usado o es demasiado antiguo.",
    badTokenDetail: "Entre con su contraseña o reinicie el servidor para obtener un enlace nuevo.",
    done: "Ya existe una cuenta. Entre con ella.",
    toLogin: "Ir al inicio de sesión",
  },
  offline: {
    banner: "No hay conexión con el grabador. Reintentando…",
    heading: "No hay conexión con el grabador",
    detail:
      "Es probable que la grabación continúe. Esta página volverá sola en cuanto el grabador responda.",
  },
  errors: {
    heading: "No ha funcionado",
    pageGone: "Esta página no existe",
    pageGoneDetail: "La dirección no lleva a ninguna parte.",
    toLive: "Ir a las cámaras en vivo",
    newVersion: "El grabador se ha actualizado. Vuelva a cargar la página.",
    partMissing: "Una parte de la página no ha llegado. Compruebe la red y vuelva a cargarla.",
    reload: "Volver a cargar",
    forbidden: "No tiene permiso para ver esto. Quien administra las cuentas puede cambiarlo.",
  },
  cameras: {
    noneHeading: "Aún no hay cámaras",
    noneDetail:
      "Añada sus cámaras al archivo de configuración o aplique uno con «holdfast config apply». Aparecerán aquí enseguida.",
    camera: cameras,
    paused: "En pausa",
  },
  live: {
    summary: (live, all) =>
      live === all
        ? all === 1
          ? "1 cámara, en vivo"
          : `Las ${number(all)} cámaras en vivo`
        : `${number(live)} de ${number(all)} cámaras en vivo`,
    state: {
      connecting: "Conectando",
      live: "En vivo",
      late: (ms) => `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s de retraso`,
      noSignalSince: (ms) => `Sin señal desde las ${clock(ms)}`,
      noSignalFor: (ms) => `desde hace ${about(ms)}`,
      keyFrame: "Esperando un fotograma clave",
      retrying: "Reconectando",
      offline: "Sin conexión con el grabador",
      denied: "La cámara rechaza la contraseña",
      unsupported: (codec) =>
        codec === undefined || codec === "MJPEG"
          ? `Ningún navegador puede reproducir ${codec ?? "lo que envía esta cámara"}`
          : `Este navegador no puede reproducir ${codec}`,
      unsupportedDetail: "La grabación está completa y se puede descargar.",
      paused: "En pausa",
      stalled: "No se está grabando",
    },
    actions: {
      enlarge: "Ampliar",
      back: "Volver a todas las cámaras",
      full: "Pantalla completa",
      leaveFull: "Salir de la pantalla completa",
      snapshot: "Guardar una imagen",
      sound: "Activar el sonido",
      mute: "Silenciar",
      pip: "Imagen sobre imagen",
      rewind: "Hace 10 segundos",
      kiosk: "Pantalla completa",
    },
    tile: (name, state) => `${name}: ${state}`,
    noSound: "Esta cámara no envía ningún sonido que un navegador pueda reproducir en vivo",
    goLive: "En vivo",
  },
  timeline: {
    label: "Tiempo",
    position: (name, at, state) => `${name}, ${at}, ${state}`,
    recorded: "grabado",
    nothing: "nada grabado",
    future: "en el futuro",
    gap: (cause, ms) => `${cause}, ${duration(ms)}`,
    noFootage: "Aquí no hay grabación",
    next: "Grabación siguiente",
    failed: "No se pudo cargar la imagen",
    unsupported: "Este navegador no puede reproducir este vídeo",
    goTo: "Ir a una hora",
    date: "Fecha",
    time: "Hora",
    go: "Ir",
    speed: "Velocidad",
    faster: "Más rápido",
    slower: "Más lento",
    zoomIn: "Acercar",
    zoomOut: "Alejar",
    back10: "Retroceder 10 segundos",
    forward10: "Avanzar 10 segundos",
    frameBack: "Fotograma anterior",
    frameForward: "Fotograma siguiente",
    live: "En vivo",
    markIn: "Marcar el inicio",
    markOut: "Marcar el final",
    clearMark: "Quitar la marca",
    downloadMarked: (ms) => `Descargar ${duration(ms)}`,
    skipped: (ms) => `Se han saltado ${about(ms)} sin grabación`,
    today: "Hoy",
    yesterday: "Ayer",
    showCamera: (name) => `Mostrar ${name}`,
    hideCamera: (name) => `Ocultar ${name}`,
    cameraList: "Cámaras",
  },
  causes: {
    unknown: "Sin grabación",
    "camera-gone": "Cámara desconectada",
    silent: "Cámara sin datos",
    shutdown: "Grabador detenido",
    clock: "Reloj corregido",
    "bad-data": "Datos erróneos de la cámara",
    reconfigured: "Ajustes cambiados",
    overload: "Disco demasiado lento",
    disk: "Fallo del disco",
    cut: "Grabador interrumpido",
    crash: "El grabador falló",
    power: "Corte de corriente",
    paused: "En pausa",
    off: "Grabación desactivada",
    "not-scheduled": "Fuera del horario",
    removed: "Quitada",
    deleted: "Borrada",
    lost: "La grabación se perdió",
    "volume-removed": "Disco retirado",
  },
  alarms: {
    button: (lasting) =>
      lasting === 0
        ? "Alarmas"
        : `Alarmas: ${plural(lasting, { one: "# problema", many: "# de problemas", other: "# problemas" })}`,
    heading: "Alarmas",
    short: "Alarmas",
    none: "Todo va bien, y todo ha ido bien.",
    system: "Grabador",
    since: (ms) => `Desde el ${moment(ms)}`,
    lasted: (from, to) => `${moment(from)}, durante ${about(to - from)}`,
    kinds: {
      "disk-failing": "El disco está fallando",
      "disk-stuck": "El disco no responde",
      "disk-slow": "El disco es lento",
      "disk-full": "El disco está lleno",
      "disk-missing": "Falta el disco",
      "disk-read-only": "El disco es de solo lectura",
      "disk-foreign": "Hay otro disco montado",
      "space-short": "Queda poco espacio",
      "keep-free-too-large": "Se pide dejar libre demasiado espacio",
      "footage-behind": "Las grabaciones llegan tarde al disco",
      "frames-lost": "Se perdieron imágenes",
      "camera-lost": "La cámara no envía nada",
      "camera-denied": "La cámara rechaza la contraseña",
      "clock-stepped": "Se ha ajustado el reloj",
      "clock-unset": "El reloj no está en hora",
      "clock-behind": "El reloj va por detrás de las grabaciones",
      "clock-ahead": "El reloj quizá va adelantado",
      "dated-late": "Las grabaciones llevan una fecha tardía",
      "catalog-behind": "El catálogo se queda atrás",
      "catalog-older": "El catálogo es más antiguo que las grabaciones",
      "check-finding": "Una comprobación encontró daños",
    },
  },
  manage: {
    heading: "Cámaras",
    addFirst: "Añadir la primera cámara",
    addFirstDetail:
      "Necesita su dirección en la red y el nombre y la contraseña con los que se configuró.",
    noneForViewers: "Quien gestiona las cámaras puede añadir una. Aparecerá aquí enseguida.",
  },
  system: {
    parts: { health: "Estado", storage: "Almacenamiento", access: "Acceso", log: "Registro" },
    checking: "Comprobando si hay algún problema…",
    notKnown:
      "No se sabe si todo funciona: no se han podido consultar las alarmas. Se consultarán de nuevo automáticamente.",
  },
  player: {
    position: "Posición",
    volume: "Volumen",
    video: (name, at) => `${name}, ${at}`,
    snapshotName: (camera, ms) => `${camera} ${moment(ms)}`,
  },
};
