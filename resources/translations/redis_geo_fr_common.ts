<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Nothing listens at this address. Is the server running, and is the port right?</source>
        <translation>Rien n’écoute à cette adresse. Le serveur est-il démarré, et le port est-il le bon ?</translation>
    </message>
    <message>
        <source>This host name is not known. Check its spelling and your network.</source>
        <translation>Ce nom d’hôte est inconnu. Vérifiez son orthographe et votre réseau.</translation>
    </message>
    <message>
        <source>The server did not answer in time. It may be overloaded, stopped or behind a firewall, or it may expect TLS switched the other way.</source>
        <translation>Le serveur n’a pas répondu à temps. Il est peut-être surchargé, arrêté ou derrière un pare-feu, ou le réglage TLS est à inverser.</translation>
    </message>
    <message>
        <source>The connection to the server broke. If the server expects TLS, switch TLS on.</source>
        <translation>La connexion au serveur a été coupée. Si le serveur attend du TLS, activez TLS.</translation>
    </message>
    <message>
        <source>The server refused this user name and password.</source>
        <translation>Le serveur a refusé ce nom d’utilisateur et ce mot de passe.</translation>
    </message>
    <message>
        <source>The server asks for a password. Add one in the connection's settings.</source>
        <translation>Le serveur demande un mot de passe. Ajoutez-en un dans les réglages de la connexion.</translation>
    </message>
    <message>
        <source>This user lacks the right to do this. Ask the server's administrator.</source>
        <translation>Cet utilisateur n’a pas le droit de faire cela. Adressez-vous à l’administrateur du serveur.</translation>
    </message>
    <message>
        <source>Something answers there, but it is not a Redis or Valkey server.</source>
        <translation>Quelque chose répond à cette adresse, mais ce n’est pas un serveur Redis ou Valkey.</translation>
    </message>
    <message>
        <source>The secure connection was refused. Check the certificate, the host name and the certificate authority.</source>
        <translation>La connexion sécurisée a été refusée. Vérifiez le certificat, le nom d’hôte et l’autorité de certification.</translation>
    </message>
    <message>
        <source>The server is loading its data. Try again in a moment.</source>
        <translation>Le serveur charge ses données. Réessayez dans un instant.</translation>
    </message>
    <message>
        <source>This server is a read-only replica: connect to its primary to write.</source>
        <translation>Ce serveur est un réplica en lecture seule : pour écrire, connectez-vous à son serveur primaire.</translation>
    </message>
    <message>
        <source>The server's memory is full, so it stores nothing more. Purge a namespace, or ask for more memory.</source>
        <translation>La mémoire du serveur est pleine : il n’enregistre plus rien. Purgez un espace de noms ou demandez plus de mémoire.</translation>
    </message>
    <message>
        <source>The server cannot save to its disk and refuses to write. Tell its administrator.</source>
        <translation>Le serveur ne peut pas enregistrer sur son disque et refuse d’écrire. Prévenez son administrateur.</translation>
    </message>
    <message>
        <source>A key of this name already holds another kind of value.</source>
        <translation>Une clé de ce nom contient déjà une valeur d’un autre type.</translation>
    </message>
    <message>
        <source>Part of the cluster is down. Try again in a moment.</source>
        <translation>Une partie du cluster est indisponible. Réessayez dans un instant.</translation>
    </message>
    <message>
        <source>The server has no connection left for another client.</source>
        <translation>Le serveur n’a plus de connexion disponible pour un client de plus.</translation>
    </message>
    <message>
        <source>The server has no database of this number.</source>
        <translation>Le serveur n’a pas de base de données portant ce numéro.</translation>
    </message>
    <message>
        <source>No Redis connection is set up. Add one under Settings, Options, Redis Geo.</source>
        <translation>Aucune connexion Redis n’est configurée. Ajoutez-en une dans Préférences, Options, Redis Geo.</translation>
    </message>
    <message>
        <source>A program or Python package that this needs is not installed.</source>
        <translation>Un programme ou un paquet Python nécessaire n’est pas installé.</translation>
    </message>
    <message>
        <source>The server did not do what was asked.</source>
        <translation>Le serveur n’a pas fait ce qui était demandé.</translation>
    </message>
    <message>
        <source>{sentence} The server said: {words}</source>
        <translation>{sentence} Réponse du serveur : {words}</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Aide</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Connexion</translation>
    </message>
    <message>
        <source>Name of a saved Redis Geo connection. Empty: the one active in the window; without a window, the one of the environment variable REDIS_GEO_URL.</source>
        <translation>Nom d’une connexion Redis Geo enregistrée. Vide : celle qui est active dans la fenêtre ; sans fenêtre, celle de la variable d’environnement REDIS_GEO_URL.</translation>
    </message>
    <message>
        <source>REDIS_GEO_URL is not a Redis address: {why}</source>
        <translation>REDIS_GEO_URL n’est pas une adresse Redis : {why}</translation>
    </message>
    <message>
        <source>There is no saved connection named {name}.</source>
        <translation>Il n’y a pas de connexion enregistrée du nom de {name}.</translation>
    </message>
    <message>
        <source>This needs the Python package Shapely 2, which this QGIS does not have. Choose Database, Redis Geo, Install Shapely; or ask your administrator for it.</source>
        <translation>Ceci demande le paquet Python Shapely 2, absent de ce QGIS. Choisissez Base de données, Redis Geo, Installer Shapely, ou demandez-le à votre administrateur.</translation>
    </message>
    <message>
        <source>Install Shapely…</source>
        <translation>Installer Shapely…</translation>
    </message>
    <message>
        <source>Installing Shapely</source>
        <translation>Installation de Shapely</translation>
    </message>
    <message>
        <source>Shapely could not be installed. The reason is in the log.</source>
        <translation>Shapely n’a pas pu être installé. La raison figure dans le journal.</translation>
    </message>
    <message>
        <source>Buffers, intersections and area searches need the Python package Shapely 2, which this QGIS does not have.

Install it with pip into the folder of your QGIS profile? About 4 MB are fetched from the package index that your Python is set to use. Nothing outside this folder changes:
{folder}</source>
        <translation>Les zones tampons, les intersections et les recherches par zone demandent le paquet Python Shapely 2, absent de ce QGIS.

L’installer avec pip dans le dossier de votre profil QGIS ? Environ 4 Mo seront téléchargés depuis l’index de paquets que votre Python est réglé pour utiliser. Rien ne change hors de ce dossier :
{folder}</translation>
    </message>
    <message>
        <source>Shapely {version} is installed and ready.</source>
        <translation>Shapely {version} est installé et prêt.</translation>
    </message>
    <message>
        <source>Shapely {version} is installed. Restart QGIS to use it.</source>
        <translation>Shapely {version} est installé. Redémarrez QGIS pour l’utiliser.</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Switch TLS off, or use its TLS port.</source>
        <translation>Le serveur ne parle pas TLS sur ce port. Désactivez TLS ou utilisez son port TLS.</translation>
    </message>
    <message>
        <source>QGIS's authentication database is locked, and the password is kept there. Enter QGIS's master password.</source>
        <translation>La base d’authentification de QGIS est verrouillée, et le mot de passe y est conservé. Saisissez le mot de passe principal de QGIS.</translation>
    </message>
    <message>
        <source>A certificate or key file of this connection cannot be read. Check its path in the connection's settings.</source>
        <translation>Un fichier de certificat ou de clé de cette connexion ne peut pas être lu. Vérifiez son chemin dans les réglages de la connexion.</translation>
    </message>
    <message>
        <source>This server is not part of a cluster: choose “Single server” as deployment.</source>
        <translation>Ce serveur ne fait pas partie d’un cluster : choisissez « Serveur unique » comme déploiement.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>{panel} (Redis)</source>
        <translation>{panel} (Redis)</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Entités</translation>
    </message>
    <message>
        <source>Unknown parameters, not used: {names}</source>
        <translation>Paramètres inconnus, non utilisés : {names}</translation>
    </message>
    <message>
        <source>Not served by this algorithm: any other value than the default is refused.</source>
        <translation>Cet algorithme ne le sert pas : toute autre valeur que celle par défaut est refusée.</translation>
    </message>
    <message>
        <source>{algorithm} does not serve {parameters}. Leave it out, or use {native}.</source>
        <translation>{algorithm} ne sert pas {parameters}. Omettez-le, ou utilisez {native}.</translation>
    </message>
    <message>
        <source>The server's answer is not one to what was asked. Is there a proxy in between, or another program at this port?</source>
        <translation>La réponse du serveur n’est pas celle à ce qui était demandé. Y a-t-il un mandataire (proxy) entre les deux, ou un autre programme sur ce port ?</translation>
    </message>
    <message>
        <source>The sentinels know no primary of this service name. Check the name in the connection's settings.</source>
        <translation>Les sentinelles ne connaissent aucun serveur primaire sous ce nom de service. Vérifiez-le dans les réglages de la connexion.</translation>
    </message>
    <message>
        <source>The sentinels want a user or password of their own. Add them in the connection's settings.</source>
        <translation>Les sentinelles demandent un utilisateur ou un mot de passe à elles. Ajoutez-les dans les réglages de la connexion.</translation>
    </message>
    <message>
        <source>The server's certificate is for another name than the host of this connection. Use the name that stands in the certificate, or ask the administrator for one with this name.</source>
        <translation>Le certificat du serveur est établi pour un autre nom que l’hôte de cette connexion. Utilisez le nom qui figure dans le certificat, ou demandez à l’administrateur un certificat à ce nom.</translation>
    </message>
    <message>
        <source>The server's certificate has expired. Ask its administrator to renew it.</source>
        <translation>Le certificat du serveur a expiré. Demandez à son administrateur de le renouveler.</translation>
    </message>
    <message>
        <source>The server's certificate is not valid yet. Check this computer's date, or ask the server's administrator.</source>
        <translation>Le certificat du serveur n’est pas encore valable. Vérifiez la date de cet ordinateur, ou demandez à l’administrateur du serveur.</translation>
    </message>
    <message>
        <source>The authority that issued the server's certificate is not known here. Name its file on the tab TLS of the connection's settings.</source>
        <translation>L’autorité qui a émis le certificat du serveur n’est pas connue ici. Indiquez son fichier dans l’onglet TLS des réglages de la connexion.</translation>
    </message>
    <message>
        <source>The server's certificate was revoked. Ask its administrator for another.</source>
        <translation>Le certificat du serveur a été révoqué. Demandez-en un autre à son administrateur.</translation>
    </message>
    <message>
        <source>The server wants a certificate of yours, or refused the one it got. Name certificate and key on the tab TLS of the connection's settings.</source>
        <translation>Le serveur demande un certificat de votre part, ou a refusé celui qu’il a reçu. Indiquez le certificat et la clé dans l’onglet TLS des réglages de la connexion.</translation>
    </message>
    <message>
        <source>The server speaks only an old version of TLS. At least TLS 1.2 is needed: ask its administrator.</source>
        <translation>Le serveur ne parle qu’une ancienne version de TLS. Il faut au moins TLS 1.2 : demandez à son administrateur.</translation>
    </message>
    <message>
        <source>No feature of {layer} is selected. Select the features first, then try again.</source>
        <translation>Aucune entité de {layer} n’est sélectionnée. Sélectionnez d’abord les entités, puis réessayez.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler l’ajout</translation>
    </message>
    <message>
        <source>{layer}: 1 feature.</source>
        <translation>{layer} : 1 entité.</translation>
    </message>
    <message>
        <source>{layer}: {count} features.</source>
        <translation>{layer} : {count} entités.</translation>
    </message>
    <message>
        <source>Load the current layer here…</source>
        <translation>Charger ici la couche courante…</translation>
    </message>
    <message>
        <source>Properties…</source>
        <translation>Propriétés…</translation>
    </message>
    <message>
        <source>Buffer with cache…</source>
        <translation>Tampon avec cache…</translation>
    </message>
    <message>
        <source>Load into a GEO set…</source>
        <translation>Charger dans un ensemble GEO…</translation>
    </message>
    <message>
        <source>Search around the selection</source>
        <translation>Rechercher autour de la sélection</translation>
    </message>
    <message>
        <source>(default)</source>
        <translation>(par défaut)</translation>
    </message>
    <message>
        <source>Other keys there, which do not hold what the plugin writes and are left as they are: {count}.</source>
        <translation>Autres clés au même endroit, qui ne contiennent pas ce que l’extension écrit et restent telles quelles : {count}.</translation>
    </message>
    <message>
        <source>This address can be read in several ways. In the user and the password, write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25.</source>
        <translation>Cette adresse peut se lire de plusieurs façons. Dans l’utilisateur et le mot de passe, écrivez @ %40, / %2F, ? %3F, # %23 et % %25.</translation>
    </message>
    <message>
        <source>More…</source>
        <translation>Plus…</translation>
    </message>
    <message>
        <source>Installed. The panels are in the toolbar, and in the menu Database.</source>
        <translation>Installé. Les panneaux sont dans la barre d’outils, et dans le menu Base de données.</translation>
    </message>
    <message>
        <source>Start here</source>
        <translation>Commencer ici</translation>
    </message>
    <message>
        <source>Now version {version}.</source>
        <translation>Maintenant en version {version}.</translation>
    </message>
    <message>
        <source>The project has no vector layer to compute with.</source>
        <translation>Le projet n’a pas de couche vecteur avec laquelle calculer.</translation>
    </message>
    <message>
        <source>Start the local server</source>
        <translation>Démarrer le serveur local</translation>
    </message>
    <message>
        <source>Connect…</source>
        <translation>Se connecter…</translation>
    </message>
    <message>
        <source>Load a layer…</source>
        <translation>Charger une couche…</translation>
    </message>
    <message>
        <source>Add a sample layer</source>
        <translation>Ajouter une couche d’exemple</translation>
    </message>
    <message>
        <source>Load a layer into a GEO set…</source>
        <translation>Charger une couche dans un ensemble GEO…</translation>
    </message>
    <message>
        <source>Put sample places in</source>
        <translation>Mettre des lieux d’exemple</translation>
    </message>
    <message>
        <source>Put sample vehicles in</source>
        <translation>Mettre des véhicules d’exemple</translation>
    </message>
    <message>
        <source>No connection is set up: results are computed, but not kept.</source>
        <translation>Aucune connexion n’est configurée : les résultats sont calculés, mais pas conservés.</translation>
    </message>
    <message>
        <source>No connection is set up. Workers take their jobs from a Redis server.</source>
        <translation>Aucune connexion n’est configurée. Les travailleurs prennent leurs tâches sur un serveur Redis.</translation>
    </message>
    <message>
        <source>No connection is set up. Positions come from a Redis server.</source>
        <translation>Aucune connexion n’est configurée. Les positions viennent d’un serveur Redis.</translation>
    </message>
    <message>
        <source>No connection is set up. Searches are done by a Redis server.</source>
        <translation>Aucune connexion n’est configurée. Les recherches sont faites par un serveur Redis.</translation>
    </message>
    <message>
        <source>There is no GEO set on this server yet.</source>
        <translation>Il n’y a pas encore d’ensemble GEO sur ce serveur.</translation>
    </message>
    <message>
        <source>No connection is set up. Start a server on this computer, or connect to that of your organisation.</source>
        <translation>Aucune connexion n’est configurée. Démarrez un serveur sur cet ordinateur, ou connectez-vous à celui de votre organisation.</translation>
    </message>
    <message>
        <source>This server is empty.</source>
        <translation>Ce serveur est vide.</translation>
    </message>
    <message>
        <source>Sample places</source>
        <translation>Lieux d’exemple</translation>
    </message>
    <message>
        <source>Putting sample places in</source>
        <translation>Mise en place des lieux d’exemple</translation>
    </message>
    <message>
        <source>Removing sample places</source>
        <translation>Retrait des lieux d’exemple</translation>
    </message>
    <message>
        <source>The sample data are removed.</source>
        <translation>Les données d’exemple sont retirées.</translation>
    </message>
    <message>
        <source>Sample vehicles</source>
        <translation>Véhicules d’exemple</translation>
    </message>
    <message>
        <source>Removing sample vehicles</source>
        <translation>Retrait des véhicules d’exemple</translation>
    </message>
    <message>
        <source>{count} places of New York are in the GEO set {set} for a week.</source>
        <translation>{count} lieux de New York sont dans l’ensemble GEO {set} pour une semaine.</translation>
    </message>
    <message>
        <source>Nothing was written: {key} is there already, and is not the sample.</source>
        <translation>Rien n’a été écrit : {key} existe déjà, et n’est pas l’exemple.</translation>
    </message>
    <message>
        <source>{name}: {text}</source>
        <translation>{name} : {text}</translation>
    </message>
    <message>
        <source>The process that reads this fleet has ended.</source>
        <translation>Le processus qui lit cette flotte s’est terminé.</translation>
    </message>
    <message>
        <source>There is no room for the file of this fleet's rows.</source>
        <translation>Il n’y a pas de place pour le fichier des lignes de cette flotte.</translation>
    </message>
</context>
</TS>
